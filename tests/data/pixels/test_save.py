"""Files written from a radiograph read back as the same pixels, by us and by others."""

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError, Radiograph, pixels
from cxrtk.data.pixels.save import nifti_bytes, save

LEVELS = np.arange(12 * 9, dtype=np.uint16).reshape(12, 9) * 600


def radiograph(spacing=(0.5, 0.25), full: int = 65535) -> Radiograph:
    levels = LEVELS if full == 65535 else LEVELS // 257
    values = (levels.astype(np.float64) / full).astype(np.float32)
    return Radiograph(values, spacing, "detector" if spacing else None)


@pytest.mark.parametrize("suffix", [".png", ".nii", ".nii.gz", ".PNG"])
@pytest.mark.parametrize("bits", [8, 16])
def test_it_reads_back_as_the_same_pixels(tmp_path, suffix, bits):
    """Bit for bit, as [0, 1] of 255 or 65535."""
    made = radiograph(full=2**bits - 1)
    save(made, tmp_path / f"a{suffix}", bits=bits)
    assert np.array_equal(pixels.read(tmp_path / f"a{suffix}").pixels, made.pixels)


def test_another_library_sees_the_levels(tmp_path):
    """Pillow in the PNG; nibabel in the NIfTI file, its first axis being the columns."""
    save(radiograph(), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert np.array_equal(np.asarray(image), LEVELS)
    save(radiograph(), tmp_path / "a.nii")
    image = nib.load(tmp_path / "a.nii")
    assert np.array_equal(np.asarray(image.dataobj)[:, :, 0], LEVELS.T)
    assert image.header.get_zooms()[:2] == pytest.approx((0.25, 0.5))  # columns first
    assert nib.aff2axcodes(image.affine) == ("L", "P", "S")
    assert image.header.get_xyzt_units()[0] == "mm"


def test_without_a_spacing_nothing_is_stated(tmp_path):
    """No orientation, no unit."""
    save(radiograph(None), tmp_path / "a.nii.gz")
    header = nib.load(tmp_path / "a.nii.gz").header
    assert (int(header["sform_code"]), int(header["qform_code"])) == (0, 0)
    assert header.get_xyzt_units()[0] == "unknown"


def test_equal_images_are_equal_bytes():
    """Also compressed, which usually has the time in it."""
    assert nifti_bytes(LEVELS, (1.0, 2.0), compressed=True) == nifti_bytes(
        LEVELS, (1.0, 2.0), compressed=True
    )
    assert nifti_bytes(LEVELS, (1.0, 2.0)) != nifti_bytes(LEVELS, (2.0, 1.0))


@pytest.mark.parametrize(
    ("name", "bits", "message"),
    [("a.jpg", 8, "must end in one of .nii.gz, .nii, .png"), ("a.png", 12, "bits must be 8 or 16, not 12")],
)
def test_what_it_cannot_write(tmp_path, name, bits, message):
    """It says what it can, and writes nothing."""
    with pytest.raises(ConfigError, match=message):
        save(radiograph(), tmp_path / name, bits=bits)
    assert list(tmp_path.iterdir()) == []
