"""``inference.json``: MONAI's own steps, against those of cxrtk and by hand."""

import shutil

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from PIL import Image
from pydicom.data import get_testdata_file

from cxrtk.bundles.zoo.inference import inference, label_map, masks, one_hot, two_views
from cxrtk.classes import CLASSES
from cxrtk.models.model_file import ModelSpec
from cxrtk.models.postprocess import binary, clean
from cxrtk.models.views import MOVE, combined, moved, prepare

# LoadImaged says of each optional reader that it is not there.
pytestmark = pytest.mark.filterwarnings("ignore:.*PydicomReader")
SIDE = 64
UNET = {
    "_target_": "UNet",
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": 4,
    "channels": [4, 8],
    "strides": [2],
}
LUNGS = ModelSpec("m", UNET, CLASSES, SIDE)
NAMES = ("right_lung", "left_lung", "heart")


def parser(**override) -> ConfigParser:
    made = ConfigParser(inference(LUNGS, UNET))
    made.update({"bundle_root": ".", "datalist": ["x.png"], **override})
    return made


def picture(height=50, width=70):
    return np.random.default_rng(0).integers(0, 256, (height, width)).astype(np.uint8)


def expression(text):
    made = ConfigParser({"threshold": 0.5, "it": text})
    return made.get_parsed_content("it")


def test_a_png_is_prepared_as_cxrtk_does(tmp_path):
    """Upright and up to rounding, with the edge repeated above and to the left."""
    Image.fromarray(picture()).save(tmp_path / "a.png")
    made = parser().get_parsed_content("preprocessing")({"image": str(tmp_path / "a.png")})["image"]
    wanted = prepare(picture().astype(np.float32) / 255, SIDE)
    assert made.shape == (1, SIDE + MOVE, SIDE + MOVE)
    torch.testing.assert_close(made.as_tensor()[:, MOVE:, MOVE:], wanted, atol=1e-4, rtol=0)
    assert torch.equal(made[:, 0], made[:, MOVE]) and torch.equal(made[:, :, 0], made[:, :, MOVE])


@pytest.mark.parametrize("shape", [(70, 50), (70, 50, 1)])
@pytest.mark.parametrize("affine", [np.eye(4), np.diag([-1, -1, 1, 1]), np.diag([-0.2, -0.2, 1, 1])])
def test_an_upright_nifti_is_prepared_as_its_png(tmp_path, shape, affine):
    """Indexed [x, y], with x to the patient's left and y downwards, or without a direction."""
    nib.save(nib.Nifti1Image(picture().T.reshape(shape), affine), tmp_path / "a.nii.gz")
    made = parser().get_parsed_content("preprocessing")({"image": str(tmp_path / "a.nii.gz")})["image"]
    wanted = prepare(picture().astype(np.float32) / 255, SIDE)
    torch.testing.assert_close(made.as_tensor()[:, MOVE:, MOVE:], wanted, atol=1e-4, rtol=0)


def said(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error)


def test_other_pictures_are_refused(tmp_path):
    """By name: another direction, colours, and DICOM, whose polarity MONAI's readers leave out."""
    nib.save(nib.Nifti1Image(picture().T, np.diag([0.2, 0.2, 1, 1])), tmp_path / "turned.nii")
    Image.fromarray(np.stack([picture()] * 3, axis=-1)).save(tmp_path / "colour.png")
    shutil.copy(get_testdata_file("RG1_UNCI.dcm", download=False), tmp_path / "a.dcm")
    wanted = {
        "turned.nii": "not stored upright",
        "colour.png": "not one grey picture",
        "a.dcm": "neither PNG nor",
    }
    load = parser().get_parsed_content("preprocessing")
    for name, reason in wanted.items():
        with pytest.raises((RuntimeError, ValueError)) as failed:
            load({"image": str(tmp_path / name)})
        assert reason in said(failed.value) and name in said(failed.value)


def test_the_views_are_averaged_as_in_cxrtk():
    """But for the last rows and columns, which are of one view."""
    network = torch.nn.Conv2d(1, 4, 3, padding=1)
    image = torch.rand(1, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    padded = torch.nn.functional.pad(image, (MOVE, 0, MOVE, 0), mode="replicate")
    made = ConfigParser({"image_size": SIDE, "inferer": two_views()}).get_parsed_content("inferer")
    with torch.no_grad():
        mean = made(padded, network)[..., MOVE:, MOVE:]
        views = [torch.sigmoid(network(image)), moved(torch.sigmoid(network(moved(image, MOVE))), -MOVE)]
    wanted = torch.from_numpy(combined(torch.stack(views).numpy()))
    torch.testing.assert_close(mean[..., :-MOVE, :-MOVE], wanted[..., :-MOVE, :-MOVE])


def test_a_pixel_is_of_one_lung_and_lungs_cover_the_heart():
    """The likelier lung takes a pixel of both; numbers are those of the label map."""
    p = torch.tensor([0.5, 0.7, 0.6, 0.9])[:, None, None]  # background, right, left, heart
    hot = expression(one_hot(NAMES))(p)
    assert hot.flatten().tolist() == [0, 1, 0, 1]
    number = expression(label_map(3))
    assert number(hot).flatten().tolist() == [1]
    alone = torch.tensor([[0.0, 0, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0]]).reshape(3, 4, 1, 1)
    assert [int(number(each)) for each in alone] == [3, 2, 0]


def test_the_masks_are_those_of_cxrtk():
    """Threshold, disjoint lungs, the largest region of each without holes: on blobs of random numbers."""
    noise = torch.rand(1, 4, 6, 6, generator=torch.Generator().manual_seed(3))
    smooth = torch.nn.functional.interpolate(noise, size=(60, 60), mode="bilinear")[0]
    steps = [
        ConfigParser({"threshold": 0.5, "it": step}).get_parsed_content("it") for step in masks(LUNGS)[2:]
    ]
    data = {"pred": MetaTensor(smooth)}
    for step in steps:
        data = step(data)
    cut = clean(binary(smooth[1:].numpy(), NAMES), NAMES)
    wanted = np.zeros((60, 60), int)
    for number in (3, 2, 1):
        wanted[cut[number - 1] != 0] = number
    assert np.array_equal(data["pred"][0].numpy().astype(int), wanted)


def test_nothing_of_cxrtk_is_named():
    """Every target is MONAI's, torch's, or found among them by its short name."""
    assert "cxrtk." not in str(inference(LUNGS, UNET))
