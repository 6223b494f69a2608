import gzip
import random
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, pixels

# 12 high, 9 wide: an F, which no flip or turn leaves as it is.
LETTER = np.zeros((12, 9), np.uint8)
LETTER[1:11, 2] = LETTER[1, 2:7] = LETTER[5, 2:5] = 200


def save(
    path: Path,
    array: np.ndarray,
    affine: np.ndarray | None,
    *,
    unit: str = "mm",
    kind: type = nib.Nifti1Image,
) -> Path:
    """`array` is [x, y]; without an affine the file states no orientation."""
    image = kind(array, affine)
    image.header.set_xyzt_units(unit)
    nib.save(image, path)
    return path


def axes(x: tuple[float, ...], y: tuple[float, ...]) -> np.ndarray:
    """An affine whose array axes lead to `x` and `y`, in mm to the patient's right, anterior and superior."""
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = x, y
    affine[:3, 2] = np.cross(x, y)
    return affine


# The array is always LETTER.T; how is it displayed? The patient's right is on the left of a displayed
# radiograph, anterior and superior are on top.
ORIENTATIONS = {
    "x to left, y to posterior: ITK's and MONAI's flat images": (axes((-1, 0, 0), (0, -1, 0)), LETTER),
    "x to right, y to posterior": (axes((1, 0, 0), (0, -1, 0)), LETTER[:, ::-1]),
    "x to left, y to anterior": (axes((-1, 0, 0), (0, 1, 0)), LETTER[::-1]),
    "x to right, y to anterior": (np.diag([0.5, 0.5, 1, 1]), LETTER[::-1, ::-1]),
    "x to left, y to inferior: coronal": (axes((-1, 0, 0), (0, 0, -1)), LETTER),
    "x to left, y to superior: coronal": (axes((-1, 0, 0), (0, 0, 1)), LETTER[::-1]),
    "x to posterior, y to left: transposed": (axes((0, -1, 0), (-1, 0, 0)), LETTER.T),
    "x to posterior, y to right: transposed": (axes((0, -1, 0), (1, 0, 0)), LETTER.T[:, ::-1]),
    "not stated": (None, LETTER),
    "not stated: what is written for want of an affine": (np.eye(4), LETTER),
}


@pytest.mark.parametrize("name", ORIENTATIONS)
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_an_image_is_turned_as_its_affine_says(name: str, suffix: str, tmp_path: Path) -> None:
    """The patient's right comes left, anterior or superior on top."""
    affine, displayed = ORIENTATIONS[name]
    radiograph = pixels.read_nifti(save(tmp_path / f"a{suffix}", LETTER.T, affine))
    assert np.array_equal(radiograph.pixels, (displayed / 255).astype(np.float32))


@pytest.mark.parametrize("name", ORIENTATIONS)
def test_a_mask_is_turned_as_its_image(name: str, tmp_path: Path) -> None:
    """Image and mask of one affine stay on top of each other, and labels too."""
    affine, displayed = ORIENTATIONS[name]
    mask = pixels.read_mask(save(tmp_path / "mask.nii", (LETTER.T > 0).astype(np.uint8), affine))
    labels = pixels.read_labels(save(tmp_path / "labels.nii.gz", (LETTER.T // 100).astype(np.uint8), affine))
    assert np.array_equal(mask, displayed > 0)
    assert np.array_equal(labels, displayed // 100)


@pytest.mark.parametrize("shape", [(9, 12), (9, 12, 1), (9, 12, 1, 1)])
def test_axes_of_length_one_are_dropped(shape: tuple[int, ...], tmp_path: Path) -> None:
    """(x, y, 1) is as flat as (x, y)."""
    radiograph = pixels.read_nifti(
        save(tmp_path / "a.nii", LETTER.T.reshape(shape), np.diag([-1.0, -1, 1, 1]))
    )
    assert np.array_equal(radiograph.pixels, (LETTER / 255).astype(np.float32))


@pytest.mark.filterwarnings("ignore")
def test_what_monai_makes_of_a_png_is_displayed_as_the_png(tmp_path: Path) -> None:
    """MONAI's `LoadImage` and `SaveImage` turn a PNG into a NIfTI file; both are read as one image."""
    from monai.transforms.io.array import LoadImage, SaveImage

    Image.fromarray(LETTER).save(tmp_path / "a.png")
    save_nifti = SaveImage(
        tmp_path,
        output_postfix="",
        separate_folder=False,
        output_dtype=np.uint8,
        resample=False,
        print_log=False,
    )
    save_nifti(LoadImage(image_only=True, ensure_channel_first=True)(tmp_path / "a.png"))
    made, png = pixels.read(tmp_path / "a.nii.gz"), pixels.read(tmp_path / "a.png")
    assert np.array_equal(made.pixels, png.pixels)
    assert made.spacing_mm is None


@pytest.mark.parametrize(
    ("affine", "unit", "spacing"),
    [
        (axes((-0.2, 0, 0), (0, -0.3, 0)), "mm", (0.3, 0.2)),
        (axes((0, -0.2, 0), (-0.3, 0, 0)), "mm", (0.2, 0.3)),  # transposed
        (axes((-0.2, 0, 0), (0, -0.3, 0)), "unknown", (0.3, 0.2)),
        (axes((-0.0002, 0, 0), (0, -0.0003, 0)), "meter", (0.3, 0.2)),
        (axes((-200, 0, 0), (0, -300, 0)), "micron", (0.3, 0.2)),
        (np.diag([-1.0, -1, 1, 1]), "mm", None),  # what is written for want of a spacing
        (None, "mm", None),
    ],
)
def test_spacing_is_given_as_row_and_column(
    affine: np.ndarray | None, unit: str, spacing: tuple[float, float] | None, tmp_path: Path
) -> None:
    """In mm, with the source `unspecified`, or none where the file has none worth the name."""
    radiograph = pixels.read_nifti(save(tmp_path / "a.nii", LETTER.T, affine, unit=unit))
    assert radiograph.spacing_mm == (None if spacing is None else pytest.approx(spacing, rel=1e-5))
    assert radiograph.spacing_source == (None if spacing is None else "unspecified")


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        (np.uint8, 0, 255),
        (np.uint16, 0, 65535),
        (np.int16, -50, 3000),
        (np.float32, -0.5, 1.5),
        (np.float64, 7, 7),
    ],
)
def test_the_range_is_the_types_or_the_images(dtype: type, low: float, high: float, tmp_path: Path) -> None:
    """Unsigned 8 and 16 bits are scaled by their type, others from their least to their largest value."""
    array: np.ndarray = np.linspace(low, high, 108).reshape(9, 12).astype(dtype)
    if dtype in (np.uint8, np.uint16):
        array = (array // 2).astype(dtype)  # so that the largest value is not the largest possible
    radiograph = pixels.read_nifti(save(tmp_path / "a.nii", array, None))
    expected = (array.astype(float).T - low) / ((high - low) or 1)
    assert np.allclose(radiograph.pixels, expected, atol=1e-6)
    assert radiograph.meta["range"] == [low, high]


def test_a_slope_is_applied(tmp_path: Path) -> None:
    """A scaled 8-bit file has values beyond its type, and is scaled by the image's range."""
    image = nib.Nifti1Image(LETTER.T * 12.5 - 40.0, None)  # -40 to 2460
    image.set_data_dtype(np.uint8)
    nib.save(image, tmp_path / "a.nii")
    radiograph = pixels.read_nifti(tmp_path / "a.nii")
    assert radiograph.meta["dtype"] == "uint8"
    assert radiograph.meta["range"] == pytest.approx([-40.0, 2460.0], abs=0.1)
    assert np.allclose(radiograph.pixels, LETTER / 200, atol=1e-3)


def test_the_second_version_of_nifti_is_read(tmp_path: Path) -> None:
    """NIfTI-2 comes as NIfTI-1 does."""
    path = save(tmp_path / "a.nii", LETTER.T, np.diag([-1.0, -1, 1, 1]), kind=nib.Nifti2Image)
    assert np.array_equal(pixels.read(path).pixels, (LETTER / 255).astype(np.float32))


def colour() -> np.ndarray:
    return np.zeros((9, 12), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])


@pytest.mark.parametrize(
    ("array", "affine", "said"),
    [
        (np.zeros((9, 12, 5), np.uint8), None, r"\(9, 12, 5\)"),
        (np.zeros((9, 12, 1, 3), np.uint8), None, r"\(9, 12, 1, 3\)"),
        (np.zeros((4, 12), np.uint8), None, "4 pixels|4 x 12|12 x 4"),
        (colour(), None, "one grey value"),
        (np.zeros((9, 12), np.complex64), None, "one grey value"),
        (np.full((9, 12), np.nan, np.float32), None, "not finite"),
        (LETTER.T, axes((0, 1, 0), (0, 0, 1)), "left-right"),
    ],
)
def test_what_is_no_flat_grey_image_is_refused(
    array: np.ndarray, affine: np.ndarray | None, said: str, tmp_path: Path
) -> None:
    """Volumes, series, colours, gaps and sagittal planes are named as what they are."""
    path = save(tmp_path / "a.nii", array, affine)
    with pytest.raises(CxrReadError, match=said) as error:
        pixels.read_nifti(path)
    assert error.value.cure


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_a_cut_file_is_refused(suffix: str, keep: float, tmp_path: Path) -> None:
    """Missing pixels are an error, never zeros."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 50)).astype(np.uint8)
    path = save(tmp_path / f"a{suffix}", noise, None)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(CxrReadError, match="truncated"):
        pixels.read(path)


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    """A small file that says it has 400 million pixels is not unpacked."""
    header = nib.Nifti1Header()
    header.set_data_shape((20_000, 20_000))
    header.set_data_dtype(np.uint8)
    header["magic"], header["vox_offset"] = b"n+1", 352
    path = tmp_path / "a.nii.gz"
    path.write_bytes(gzip.compress(header.binaryblock + bytes(4) + bytes(10_000)))
    with pytest.raises(CxrReadError, match="20000 x 20000"):
        pixels.read_nifti(path)


def test_damage_never_escapes_as_another_error(tmp_path: Path) -> None:
    """Of 400 files with one to four bytes changed, each is refused as unreadable or gives a whole image."""
    content = save(tmp_path / "a.nii", LETTER.T, np.diag([-0.2, -0.2, 1.0, 1.0])).read_bytes()
    draw = random.Random(0)
    refused = 0
    for _ in range(400):
        mutant = bytearray(content)
        for _ in range(draw.randint(1, 4)):
            mutant[draw.randrange(352 if draw.random() < 0.9 else len(mutant))] = draw.randrange(256)
        (tmp_path / "a.nii").write_bytes(mutant)
        try:
            assert pixels.read(tmp_path / "a.nii").pixels.size == LETTER.size
        except CxrReadError:
            refused += 1
    assert refused > 40


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("place", "written", "said"),
    [
        (280, np.float32("nan").tobytes(), "affine that is not finite"),  # srow_x[0]
        (300, bytes(4), "left-right"),  # srow_y[1]: the second axis leads nowhere
        (123, b"\5", "unit of length"),  # xyzt_units
    ],
)
def test_a_geometry_without_sense_is_refused(place: int, written: bytes, said: str, tmp_path: Path) -> None:
    """It is never passed over; places as nifti1.h gives them."""
    path = save(tmp_path / "a.nii", LETTER.T, np.diag([-0.2, -0.2, 1.0, 1.0]))
    content = bytearray(path.read_bytes())
    content[place : place + len(written)] = written
    path.write_bytes(content)
    with pytest.raises(CxrReadError, match=said):
        pixels.read_nifti(path)
