"""Modality LUT, VOI LUT and window, against values worked out by hand from PS3.3 C.11."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from cxrtk.data.pixels.dicom import read_dicom
from cxrtk.data.pixels.dicom.luts import window

Write = Callable[..., Path]
LITTLE, IMPLICIT, BIG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"


@pytest.mark.parametrize(
    ("function", "center", "width", "value", "expected"),
    [
        # The notes of C.11.2.1.2.1 spell out these three windows.
        ("LINEAR", 2048, 4096, 0, 0),
        ("LINEAR", 2048, 4096, 1, (1 - 2047.5) / 4095 + 0.5),
        ("LINEAR", 2048, 4096, 4095, 1),
        ("LINEAR", 2048, 1, 2047, 0),
        ("LINEAR", 2048, 1, 2048, 1),
        ("LINEAR", 0, 100, -50, 0),
        ("LINEAR", 0, 100, 0, 0.5 / 99 + 0.5),
        ("LINEAR", 0, 100, 49, 1),
        ("LINEAR", 0, 1, -1, 0),
        ("LINEAR", 0, 1, 0, 1),
        # The note of C.11.2.1.3.2.
        ("LINEAR_EXACT", 2048, 4096, 0, 0),
        ("LINEAR_EXACT", 2048, 4096, 2048, 0.5),
        ("LINEAR_EXACT", 2048, 4096, 4095, 4095 / 4096),
        ("LINEAR_EXACT", 0, 100, -50, 0),
        ("LINEAR_EXACT", 0, 100, 25, 0.75),
        ("LINEAR_EXACT", 0, 100, 50, 1),
        ("LINEAR_EXACT", 0, 0.5, 0.125, 0.75),
        # C.11.2.1.3.1: 1 / (1 + exp(-4 (x - c) / w)).
        ("SIGMOID", 100, 40, 100, 0.5),
        ("SIGMOID", 100, 40, 110, 1 / (1 + math.exp(-1))),
        ("SIGMOID", 100, 40, 60, 1 / (1 + math.exp(4))),
        ("SIGMOID", 0, 1, -65536, 0),
        ("SIGMOID", 0, 1, 65535, 1),
    ],
)
def test_window_functions(function: str, center: float, width: float, value: float, expected: float) -> None:
    """The three functions with the output range [0, 1]."""
    assert window(np.array([float(value)]), center, width, function)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_the_function_is_taken_from_the_file(write: Write, ramp: np.ndarray, function: str) -> None:
    """VOILUTFunction chooses, and `meta` records center, width and function."""
    radiograph = read_dicom(write(WindowCenter=1000, WindowWidth=500, VOILUTFunction=function))
    x = ramp.astype(np.float64)
    expected = {
        "LINEAR": np.clip((x - 999.5) / 499 + 0.5, 0, 1),
        "LINEAR_EXACT": np.clip((x - 1000) / 500 + 0.5, 0, 1),
        "SIGMOID": 1 / (1 + np.exp(-4 * (x - 1000) / 500)),
    }[function]
    assert np.allclose(radiograph.pixels, expected, rtol=0, atol=1e-6)
    assert radiograph.meta["voi"] == f"window 1000 500 {function}"


def test_the_first_of_several_windows_is_taken(write: Write) -> None:
    """Index 0, of center and width alike."""
    meta = read_dicom(write(WindowCenter=[1000, 2000], WindowWidth=[500, 900])).meta
    assert meta["voi"] == "window 1000 500 LINEAR"


def test_the_window_acts_after_the_rescale(write: Write, ramp: np.ndarray) -> None:
    """Center and width are in output units: here twice the stored values."""
    path = write(
        RescaleSlope=2,
        RescaleIntercept=-100,
        WindowCenter=900,
        WindowWidth=1000,
        VOILUTFunction="LINEAR_EXACT",
    )
    expected = np.clip((2.0 * ramp - 100 - 400) / 1000, 0, 1)
    assert np.allclose(read_dicom(path).pixels, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("tags", "warning"),
    [
        ({"WindowCenter": 1000, "WindowWidth": 0}, "(0028,1051) WindowWidth = 0.0"),
        ({"WindowCenter": 1000, "WindowWidth": -5}, "(0028,1051) WindowWidth = -5.0"),
        ({"WindowCenter": 1000, "WindowWidth": 0.5}, "(0028,1051) WindowWidth = 0.5"),
        ({"WindowCenter": "", "WindowWidth": ""}, "(0028,1050) WindowCenter is empty"),
        ({"WindowCenter": 1000}, "(0028,1051) WindowWidth is missing"),
        ({"WindowWidth": 1000}, "(0028,1050) WindowCenter is missing"),
        (
            {"WindowCenter": 1000, "WindowWidth": 500, "VOILUTFunction": "FOO"},
            "(0028,1056) VOILUTFunction = (free text)",
        ),
        ({"VOILUTSequence": [Dataset()]}, "(0028,3010) VOILUTSequence ignored"),
    ],
)
def test_an_unusable_voi_is_passed_over_and_told(
    write: Write, ramp: np.ndarray, tags: dict[str, Any], warning: str
) -> None:
    """The whole range is kept, and the warning names the attribute."""
    radiograph = read_dicom(write(**tags))
    assert np.allclose(radiograph.pixels, ramp / 4095, rtol=0, atol=1e-7)
    assert radiograph.meta["voi"] == "none"
    assert [warning in found for found in radiograph.meta["warnings"]] == [True]


def _lut(descriptor: list[int], data: list[int] | bytes, first: str = "US") -> Dataset:
    """A LUT item; `first` is the VR of the descriptor, SS where its first value may be negative."""
    item = Dataset()
    item.add_new("LUTDescriptor", first, descriptor)
    item.add_new("LUTData", "OW" if isinstance(data, bytes) else "US", data)
    return item


def _image(values: list[int], kind: str = "u2") -> np.ndarray:
    """(8, W) pixels, each row the same values: images of less than 8 rows are refused."""
    return np.tile(np.array(values + [0] * (8 - len(values)), dtype=kind), (8, 1))


@pytest.mark.parametrize("syntax", [LITTLE, IMPLICIT, BIG])
@pytest.mark.parametrize("as_bytes", [False, True])
def test_a_voi_lut_maps_between_its_ends(write: Write, syntax: str, as_bytes: bool) -> None:
    """Values before the first entry get the first, past the last the last; 12 declared bits: 4095 is 1."""
    order = ">" if syntax == BIG else "<"
    table = [0, 819, 2457, 4095]
    data = np.array(table, dtype=f"{order}u2").tobytes() if as_bytes else table
    image = _image([0, 10, 11, 12, 13, 14, 4000])
    path = write(
        image,
        syntax=syntax,
        PixelData=image.astype(f"{order}u2").tobytes(),
        VOILUTSequence=[_lut([4, 10, 12], data)],
    )
    radiograph = read_dicom(path)
    assert np.allclose(radiograph.pixels[0, :7], [0, 0, 0.2, 0.6, 1, 1, 1], rtol=0, atol=1e-7)
    assert radiograph.meta["voi"] == "lut, 12 bits"


def test_a_voi_lut_of_signed_values_may_start_below_zero(write: Write) -> None:
    """The second value of the descriptor is signed where the pixels are."""
    image = _image([-3, -2, -1, 0, 5], "i2")
    path = write(image, syntax=IMPLICIT, VOILUTSequence=[_lut([3, -2, 8], [0, 51, 255], "SS")])
    assert np.allclose(read_dicom(path).pixels[0, :5], [0, 0, 0.2, 1, 1], rtol=0, atol=1e-7)


def test_a_voi_lut_of_8_bits_may_be_long(write: Write) -> None:
    """512 entries of 8 bits: entry 300 is entry 300, and not 300 - 256."""
    table = [i // 2 for i in range(512)]
    path = write(_image([300, 511]), VOILUTSequence=[_lut([512, 0, 8], table)])
    assert np.allclose(read_dicom(path).pixels[0, :2], [150 / 255, 1], rtol=0, atol=1e-7)


def test_a_voi_lut_of_packed_bytes(write: Write) -> None:
    """Entries of 8 bits may be stored one a byte."""
    path = write(_image([0, 1, 2, 3]), VOILUTSequence=[_lut([4, 0, 8], bytes([0, 51, 102, 255]))])
    assert np.allclose(read_dicom(path).pixels[0, :4], [0, 0.2, 0.4, 1], rtol=0, atol=1e-7)


def test_zero_entries_mean_65536(write: Write) -> None:
    """The descriptor's first value is 16 bits; 2**16 is written as 0."""
    table = np.arange(65536, dtype="<u2")[::-1].tobytes()
    path = write(_image([0, 4095]), VOILUTSequence=[_lut([0, 0, 16], table)])
    assert np.allclose(read_dicom(path).pixels[0, :2], [1, 1 - 4095 / 65535], rtol=0, atol=1e-7)


def test_the_lut_goes_before_the_window(write: Write) -> None:
    """Where a file has both, ``auto`` takes the LUT; ``window``, ``lut`` and ``none`` do as they say."""
    path = write(
        WindowCenter=1000,
        WindowWidth=500,
        VOILUTSequence=[_lut([2400, 0, 8], [n // 10 for n in range(2400)])],
    )
    found = {choice: read_dicom(path, voi=choice).meta["voi"] for choice in ("auto", "lut", "window", "none")}
    assert found == {
        "auto": "lut, 8 bits",
        "lut": "lut, 8 bits",
        "window": "window 1000 500 LINEAR",
        "none": "none",
    }


def test_a_lut_past_its_declared_bits_is_clipped(write: Write) -> None:
    """Entries above the declared output are the brightest, and a warning says so."""
    radiograph = read_dicom(write(_image([0, 1]), VOILUTSequence=[_lut([2, 0, 8], [0, 300])]))
    assert radiograph.pixels[0, 1] == 1
    assert "goes to 300" in radiograph.meta["warnings"][0]


def test_a_modality_lut_gives_the_range(write: Write) -> None:
    """A 10-bit modality LUT: 1023 is 1, and no window is needed."""
    item = _lut([3, 1, 10], [0, 341, 1023])
    item.ModalityLUTType = "US"
    radiograph = read_dicom(write(_image([0, 1, 2, 3, 9]), ModalityLUTSequence=[item]))
    assert np.allclose(radiograph.pixels[0, :5], [0, 0, 1 / 3, 1, 1], rtol=0, atol=1e-7)
    assert radiograph.meta["modality_lut"] == "lut"


def test_polarity_acts_last(write: Write) -> None:
    """MONOCHROME1 inverts what the VOI LUT gave."""
    path = write(
        _image([0, 1]), PhotometricInterpretation="MONOCHROME1", VOILUTSequence=[_lut([2, 0, 8], [51, 255])]
    )
    assert np.allclose(read_dicom(path).pixels[0, :2], [0.8, 0], rtol=0, atol=1e-7)


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_percentiles_are_those_of_the_image(write: Write, photometric: str) -> None:
    """``percentile`` cuts at numpy's percentiles (inverted CDF) of the output units, then inverts."""
    image = np.random.default_rng(0).integers(0, 4000, (60, 40)).astype(np.uint16)
    path = write(image, RescaleSlope=-2, RescaleIntercept=100, PhotometricInterpretation=photometric)
    units = image * -2.0 + 100
    low, high = np.percentile(units, (1, 99), method="inverted_cdf")
    expected = ((units - low) / (high - low)).clip(0, 1)
    radiograph = read_dicom(path, voi="percentile")
    wanted = 1 - expected if photometric == "MONOCHROME1" else expected
    assert np.allclose(radiograph.pixels, wanted, rtol=0, atol=1e-6)
    assert radiograph.meta["voi"] == f"percentile {low:g} {high:g}"


def test_percentiles_of_a_constant_image(write: Write) -> None:
    """Where both percentiles are one value the whole range is kept, and a warning says so."""
    radiograph = read_dicom(write(np.full((60, 40), 819, np.uint16)), voi="percentile")
    assert np.allclose(radiograph.pixels, 819 / 4095, rtol=0, atol=1e-6)
    assert radiograph.meta["voi"] == "none" and "percentiles" in radiograph.meta["warnings"][0]
