"""NIfTI masks, looked at by nibabel and SimpleITK."""

import nibabel as nib
import numpy as np
import pytest

from cxrtk import Radiograph, Segmentation, writers
from cxrtk.testing.writers import segmentation


def test_nibabel_reads_classes_and_spacing(tmp_path):
    """[x, y, 0] with x along the columns; columns 0.4 mm and rows 0.5 mm apart; to the left and down."""
    found = segmentation(tmp_path / "in.png")
    (path,) = writers.create("nifti").write(found, tmp_path / "a.b")
    image = nib.load(path)
    labels = np.asarray(image.dataobj)[:, :, 0].T
    assert path.name == "a.b.nii.gz"
    assert (labels == found.masks[0] + 2 * found.masks[1] + 3 * found.masks[2]).all()
    assert image.header.get_zooms()[:2] == pytest.approx((0.4, 0.5))
    assert nib.aff2axcodes(image.affine)[:2] == ("L", "P")
    assert image.header.get_xyzt_units()[0] == "mm"


def test_without_a_spacing_there_is_no_orientation(tmp_path):
    """Neither mm nor an affine that claims anything."""
    found = segmentation(tmp_path / "in.png")
    plain = Segmentation(**{**vars(found), "radiograph": Radiograph(found.radiograph.pixels)})
    image = nib.load(writers.create("nifti").write(plain, tmp_path / "a")[0])
    assert (int(image.header["sform_code"]), int(image.header["qform_code"])) == (0, 0)
    assert image.header.get_xyzt_units()[0] == "unknown"


def test_another_library_reads_the_same(tmp_path, require_module):
    """SimpleITK: the same numbers, the same spacing."""
    itk = require_module("SimpleITK", "twins")
    found = segmentation(tmp_path / "in.png")
    image = itk.ReadImage(str(writers.create("nifti").write(found, tmp_path / "a")[0]))
    assert image.GetSpacing()[:2] == pytest.approx((0.4, 0.5))
    assert (itk.GetArrayFromImage(image)[0] > 0).sum() == found.masks.sum()
