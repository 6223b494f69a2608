from pathlib import Path

import nibabel as nib
import numpy as np
import pydicom
import pytest
from PIL import Image

from cxrtk import CxrReadError, pixels
from cxrtk.data.pixels.dispatch import displayed_size

GREY = np.arange(20 * 30, dtype=np.uint32).reshape(20, 30).astype(np.uint8)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "NIfTI"])
def test_the_content_says_which_format_it_is(kind: str, tmp_path: Path) -> None:
    """A name without a suffix, or with a wrong one, is no hindrance."""
    for name in ("plain", "wrong.dcm"):
        if kind == "NIfTI":
            (tmp_path / name).write_bytes(nib.Nifti1Image(GREY.T, None).to_bytes())
        else:
            Image.fromarray(GREY).save(tmp_path / name, kind, quality=100)
        radiograph = pixels.read(tmp_path / name)
        assert radiograph.meta["format"] == kind
        assert np.abs(radiograph.pixels - GREY / 255).max() < 4 / 255


@pytest.mark.parametrize("preamble", [True, False])
def test_dicom_is_known_with_and_without_its_preamble(
    preamble: bool, tmp_path: Path, cxrtk_data: Path
) -> None:
    """The same pixels come from a file that lacks the first 132 bytes."""
    source = cxrtk_data / "dicom" / "veterinary_dx_thorax_monochrome1.dcm"
    header = pydicom.dcmread(source, stop_before_pixels=True)
    (tmp_path / "x.png").write_bytes(source.read_bytes()[0 if preamble else 132 :])
    radiograph = pixels.read(tmp_path / "x.png")
    assert radiograph.pixels.shape == (header.Rows, header.Columns)
    assert np.array_equal(radiograph.pixels, pixels.read(source).pixels)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b"<html>404</html>", "not an image .*<html>"),
        (b"II*\0" + bytes(200), "is TIFF"),
        (b"%PDF-1.7" + bytes(200), "is PDF"),
        (b"\x1f\x8b" + bytes(200), "not an image"),
        (bytes(500), "not an image"),
    ],
)
def test_anything_else_is_named(content: bytes, said: str, tmp_path: Path) -> None:
    """The error says what the file is, or how it begins."""
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(CxrReadError, match=said) as error:
        pixels.read(tmp_path / "x.png")
    assert error.value.cure


@pytest.mark.parametrize("name", ["jsrt/images/JPCLN001.png", "dicom/RG1_J2KI.dcm", "dicom/RG1_UNCI.dcm"])
def test_the_size_is_known_without_the_pixels(cxrtk_data: Path, tmp_path: Path, name: str) -> None:
    """(H, W) as an independent reader decodes it, even of a file whose pixels are cut off."""
    source = cxrtk_data / name
    expected = (224, 224) if name.endswith(".png") else pydicom.dcmread(source).pixel_array.shape
    (tmp_path / "cut").write_bytes(source.read_bytes()[:8000])
    assert displayed_size(source) == displayed_size(tmp_path / "cut") == expected
