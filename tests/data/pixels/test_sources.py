"""One radiograph from everything that a program may have, with the same pixels."""

import io

import numpy as np
import pydicom
import pytest
import torch
from PIL import Image
from pydicom.data import get_testdata_file

import cxrtk
from cxrtk import ConfigError, CxrReadError
from cxrtk.data.pixels.sources import radiograph_of

DICOM = get_testdata_file("RG1_UNCI.dcm", download=False)
COMPRESSED = get_testdata_file("MR_small_RLE.dcm", download=False)


@pytest.fixture
def png(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 30), np.uint8)).save(path)
    return path


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO, lambda data: data])
def test_bytes_give_what_the_file_gives(png, kind):
    """In memory, or from an open file; the last one is the path itself."""
    content = png.read_bytes()
    source = str(png) if kind(content) is content and kind is not bytes else kind(content)
    found = cxrtk.read(source)
    assert np.array_equal(found.pixels, cxrtk.pixels.read(png).pixels)


def test_an_open_file(png):
    """Read from where it stands; it stays open."""
    with png.open("rb") as file:
        assert np.array_equal(cxrtk.read(file).pixels, cxrtk.pixels.read(png).pixels)
        assert not file.closed


@pytest.mark.parametrize("path", [DICOM, COMPRESSED])
def test_a_dataset_gives_what_its_file_gives(path):
    """Pixels and spacing, whatever the transfer syntax; the dataset is left as it was."""
    expected = cxrtk.read(path, modalities=None)
    dataset = pydicom.dcmread(path)
    before = pydicom.dcmread(path)
    found = cxrtk.read(dataset, modalities=None)
    assert np.array_equal(found.pixels, expected.pixels) and found.spacing_mm == expected.spacing_mm
    assert dataset == before


def test_a_dataset_without_a_file_header():
    """As a program makes it: explicit little endian is meant."""
    stored = pydicom.dcmread(DICOM)
    plain = pydicom.Dataset()
    plain.update(stored)
    assert np.array_equal(cxrtk.read(plain).pixels, cxrtk.read(DICOM).pixels)


@pytest.mark.parametrize(
    ("source", "name"), [(b"", "<bytes>"), (b"nothing", "<bytes>"), (io.BytesIO(b"nothing"), "<file>")]
)
def test_what_cannot_be_read_is_named(source, name):
    """No temporary path in the message."""
    with pytest.raises(CxrReadError) as caught:
        cxrtk.read(source)
    assert str(caught.value).startswith(f"{name}: ") and "/tmp" not in str(caught.value)


@pytest.mark.parametrize(("source", "said"), [(3, "from int"), (io.StringIO("a"), "open\\(path, 'rb'\\)")])
def test_what_is_no_source(source, said):
    """One line on what is taken."""
    with pytest.raises(ConfigError, match=said):
        cxrtk.read(source)


@pytest.mark.parametrize(
    "values", [np.array([[0, 51], [102, 255]], np.uint8), torch.tensor([[0.0, 51.0], [102.0, 255.0]])]
)
def test_an_array_is_scaled_by_the_range_that_is_said(values):
    """Black is 0 and white is 1, whatever this array holds."""
    found = radiograph_of(values, (0, 255)).pixels
    assert found.dtype == np.float32 and found.tolist() == pytest.approx(np.array([[0, 0.2], [0.4, 1]]))


@pytest.mark.parametrize(
    ("values", "value_range", "error", "said"),
    [
        (np.zeros((4, 4)), None, ConfigError, "black and white"),
        (np.zeros((4, 4)), (1, 1), ConfigError, "black < white"),
        (np.zeros((4, 4)), (0, np.nan), ConfigError, "black < white"),
        (np.zeros((3, 4, 4)), (0, 1), CxrReadError, "not \\(H, W\\)"),
        (np.zeros((0, 4)), (0, 1), CxrReadError, "not \\(H, W\\)"),
        (np.full((4, 4), np.nan), (0, 1), CxrReadError, "not finite"),
        (np.full((4, 4), 2), (0, 1), CxrReadError, "outside value_range 0 to 1"),
    ],
)
def test_an_array_that_is_no_radiograph(values, value_range, error, said):
    """Never a guess at its range."""
    with pytest.raises(error, match=said):
        radiograph_of(values, value_range)
