"""Windows and look-up tables that do not fit the pixels are passed over, said and flagged; others are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from cxrtk.data.pixels.dicom import read_dicom
from cxrtk.data.pixels.dicom.contradictions import contradiction, counts_of, lost_share
from cxrtk.errors import CxrReadError

Write = Callable[..., Path]
ROWS, COLUMNS = np.mgrid[:96, :80]
# Of 16 bits, from 12,500 to about 22,000; a smooth picture with some noise.
CHEST = (
    17_000
    + 4500 * np.sin(ROWS / 15) * np.cos(COLUMNS / 11)
    + np.random.default_rng(0).normal(0, 60, ROWS.shape)
).astype(np.uint16)
TWELVE = (CHEST - 12_000) // 4
SIXTEEN_BITS = {"BitsStored": 16, "HighBit": 15}
RAMP = np.arange(4096, dtype=np.uint16)


def lut(first: int, bits: int, data: np.ndarray, entries: int | None = None, keyword: str = "US") -> Dataset:
    """One item, its data as words."""
    item = Dataset()
    item.add_new("LUTDescriptor", keyword, [len(data) if entries is None else entries, first, bits])
    item.add_new("LUTData", "OW", data.astype("<u2").tobytes())
    return item


WRONG: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "window below": (CHEST, {"WindowCenter": 3174, "WindowWidth": 2426, **SIXTEEN_BITS}),
    "window above": (CHEST, {"WindowCenter": 60_000, "WindowWidth": 2000, **SIXTEEN_BITS}),
    "window clips most": (CHEST, {"WindowCenter": 11_000, "WindowWidth": 4000, **SIXTEEN_BITS}),
    "window clips both ends": (CHEST, {"WindowCenter": 17_000, "WindowWidth": 100, **SIXTEEN_BITS}),
    "exact window below": (
        CHEST, {"WindowCenter": 100, "WindowWidth": 50, "VOILUTFunction": "LINEAR_EXACT", **SIXTEEN_BITS},
    ),
    "sigmoid above": (
        CHEST, {"WindowCenter": 60_000, "WindowWidth": 900, "VOILUTFunction": "SIGMOID", **SIXTEEN_BITS},
    ),
    "window far too wide": (CHEST, {"WindowCenter": 0, "WindowWidth": 10**8, **SIXTEEN_BITS}),
    "window of the values before the rescale": (
        TWELVE, {"RescaleSlope": 1, "RescaleIntercept": -30_000, "WindowCenter": 1200, "WindowWidth": 3000},
    ),
    "window, MONOCHROME1": (
        CHEST,
        {"WindowCenter": 1, "WindowWidth": 9, "PhotometricInterpretation": "MONOCHROME1", **SIXTEEN_BITS},
    ),
    "first value": (TWELVE, {"VOILUTSequence": [lut(61_440, 12, RAMP)]}),
    "length": (TWELVE, {"VOILUTSequence": [lut(0, 12, RAMP[:256] * 16)]}),
    "bits": (TWELVE, {"VOILUTSequence": [lut(0, 8, RAMP)]}),
    "length of the descriptor": (TWELVE, {"VOILUTSequence": [lut(0, 12, RAMP, entries=5000)]}),
    "one level": (TWELVE, {"VOILUTSequence": [lut(0, 12, np.full_like(RAMP, 7))]}),
    "two levels": (TWELVE, {"VOILUTSequence": [lut(0, 12, (RAMP > 1200) * 4095)]}),
}  # fmt: skip
RIGHT: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "whole": (CHEST, {"WindowCenter": 17_000, "WindowWidth": 12_000, **SIXTEEN_BITS}),
    "narrow": (CHEST, {"WindowCenter": 16_000, "WindowWidth": 4000, **SIXTEEN_BITS}),
    "sigmoid": (
        CHEST, {"WindowCenter": 17_000, "WindowWidth": 6000, "VOILUTFunction": "SIGMOID", **SIXTEEN_BITS},
    ),
    "wide": (CHEST, {"WindowCenter": 32_768, "WindowWidth": 65_536, **SIXTEEN_BITS}),
    "table of 12 bits": (TWELVE, {"VOILUTSequence": [lut(0, 12, RAMP)]}),
    "table of 12 bits that says 16": (TWELVE, {"VOILUTSequence": [lut(0, 16, RAMP)]}),
    "table that inverts": (TWELVE, {"VOILUTSequence": [lut(0, 12, RAMP[::-1])]}),
    "table, curved": (TWELVE, {"VOILUTSequence": [lut(0, 12, (RAMP / 4095.0) ** 2 * 4095)]}),
    "table for the values that occur": (TWELVE, {"VOILUTSequence": [lut(125, 12, RAMP[:2500])]}),
    "a background of one value": (
        np.where(COLUMNS < 70, 0, TWELVE), {"WindowCenter": 1300, "WindowWidth": 1500},
    ),
    "a blank exposure": (np.full_like(TWELVE, 900), {"WindowCenter": 3000, "WindowWidth": 100}),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_passed_over(write: Write, case: str) -> None:
    """The pixels are those without it; one warning and the flag name the attribute."""
    image, tags = WRONG[case]
    plain = {name: value for name, value in tags.items() if not name.startswith(("Window", "VOI"))}
    expected = read_dicom(write(image, **plain)).pixels
    radiograph = read_dicom(write(image, **tags))
    name = "VOILUTSequence" if "VOILUTSequence" in tags else "WindowCenter"
    assert np.array_equal(radiograph.pixels, expected)
    assert radiograph.meta["voi"] == "none"
    assert [name in said and "ignored" in said for said in radiograph.meta["warnings"]] == [True]
    reason = radiograph.meta["flags"]["voi_contradiction"]
    assert name in reason or "LUTD" in reason


@pytest.mark.parametrize("case", RIGHT)
def test_what_fits_is_obeyed(write: Write, case: str) -> None:
    """No warning, no flag, and not the picture without it."""
    image, tags = RIGHT[case]
    meta = read_dicom(write(image, **tags)).meta
    assert meta["voi"].startswith(("window", "lut"))
    assert meta["warnings"] == [] and "voi_contradiction" not in meta["flags"]


@pytest.mark.parametrize("case", [name for name, (_, tags) in WRONG.items() if "VOILUTSequence" in tags])
def test_a_good_window_beside_a_broken_table_is_taken(write: Write, case: str) -> None:
    """As if there were no table."""
    window = {"WindowCenter": 1300, "WindowWidth": 2600}
    image, tags = WRONG[case]
    radiograph = read_dicom(write(image, **tags, **window))
    assert radiograph.meta["voi"] == "window 1300 2600 LINEAR"
    assert np.array_equal(radiograph.pixels, read_dicom(write(image, **window)).pixels)


def test_a_window_of_the_range_of_the_values_is_named(write: Write) -> None:
    """The window and the values, so that a person sees that they do not meet."""
    warning = read_dicom(write(*WRONG["window below"][:1], **WRONG["window below"][1])).meta["warnings"][0]
    for said in ("WindowCenter = 3174.0", "WindowWidth = 2426.0", f"{CHEST.min()} to {CHEST.max()}"):
        assert said in warning


@pytest.mark.parametrize("table", [(60_000, 12, RAMP), (0, 12, RAMP[:100]), (0, 4, RAMP)])
def test_a_modality_lut_that_does_not_fit(write: Write, table: tuple[int, int, np.ndarray]) -> None:
    """The stored values are taken, and the same is said."""
    item = lut(*table)
    item.ModalityLUTType = "US"
    radiograph = read_dicom(write(TWELVE, ModalityLUTSequence=[item]))
    assert np.array_equal(radiograph.pixels, read_dicom(write(TWELVE)).pixels)
    assert radiograph.meta["modality_lut"] == "none"
    assert "ModalityLUTSequence" in radiograph.meta["flags"]["voi_contradiction"]


def test_centers_and_widths_of_unequal_number(write: Write) -> None:
    """The first of each, as before, and a warning with both numbers."""
    meta = read_dicom(write(TWELVE, WindowCenter=[1300, 900, 800], WindowWidth=[2600, 500])).meta
    assert meta["voi"] == "window 1300 2600 LINEAR"
    (warning,) = meta["warnings"]
    assert "3 values of (0028,1050) WindowCenter" in warning and "2 of (0028,1051) WindowWidth" in warning


def test_the_share_that_is_lost() -> None:
    """Of 100 values spread evenly, those on a level with more than a tenth of the range; not the two ends."""
    values, counts = np.arange(100.0), np.ones(100, np.int64)
    assert lost_share(values / 99, values, counts) == 0
    clipped = ((values - 80) / 20).clip(0, 1)
    assert lost_share(clipped, values, counts) == pytest.approx(80 / 98, abs=0.011)
    counts[0] = 10_000  # a border of one value was never spread
    assert lost_share(clipped, values, counts) == pytest.approx(80 / 98, abs=0.011)


@pytest.mark.parametrize("values", [[5.0, 5.0, 5.0], [0.0, 1.0, 0.0]])
def test_few_values_contradict_nothing(values: list[float]) -> None:
    """A constant image, and one of two values that stay apart."""
    assert contradiction(np.array(values), np.array(values), np.ones(3, np.int64)) == ""


def test_pixels_are_counted_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As NumPy counts them at once."""
    codes = np.random.default_rng(0).integers(0, 4096, (61, 47)).astype(np.uint16)
    monkeypatch.setattr("cxrtk.data.pixels.dicom.contradictions._BLOCK", 100)
    assert np.array_equal(counts_of(codes, 4096), np.bincount(codes.ravel(), minlength=4096))


@pytest.mark.parametrize(("slope", "intercept"), [(0, 0), (1e308, 0), (-1e308, 0), (1, 1e300), (1, 1e18)])
def test_a_rescale_that_loses_the_values(write: Write, slope: float, intercept: float) -> None:
    """No finite numbers, or all but equal ones: one line."""
    with pytest.raises(CxrReadError, match=r"has an unusable modality LUT.*RescaleSlope"):
        read_dicom(write(TWELVE, RescaleSlope=slope, RescaleIntercept=intercept))


def test_a_modality_lut_past_its_declared_bits(write: Write) -> None:
    """Clipped and told, as a VOI LUT is."""
    item = lut(0, 11, RAMP)
    item.ModalityLUTType = "US"
    radiograph = read_dicom(write(TWELVE, ModalityLUTSequence=[item]))
    assert np.allclose(radiograph.pixels, (TWELVE / 2047).clip(0, 1), rtol=0, atol=1e-6)
    assert "goes to 4095" in radiograph.meta["warnings"][0]
