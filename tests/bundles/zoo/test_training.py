"""``train.json`` and what is laid over it: loss and labels; the zoo's recipe runs in test_write.py."""

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from PIL import Image

from cxrtk.bundles.zoo.multi_gpu import multi_gpu_evaluate, multi_gpu_train
from cxrtk.bundles.zoo.training import evaluate, train
from cxrtk.classes import CLASSES
from cxrtk.models.model_file import ModelSpec

# LoadImaged says of each optional reader that it is not there.
pytestmark = pytest.mark.filterwarnings("ignore:.*PydicomReader")
UNET = {
    "_target_": "UNet",
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": 4,
    "channels": [4, 8],
    "strides": [2],
}
LUNGS = ModelSpec("m", UNET, CLASSES, 32)


def parser(*overlays, **override) -> ConfigParser:
    made = ConfigParser(train(LUNGS, UNET))
    for overlay in overlays:
        made.update(overlay)
    made.update({"images": [], "labels": [], **override})
    return made


def test_the_loss_is_cross_entropy_and_dice_of_the_classes():
    """The background has no part in it, so that what it states, the threshold, stays."""
    loss = parser().get_parsed_content("loss")
    logits = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0), requires_grad=True)
    label = torch.randint(0, 4, (2, 1, 8, 8), generator=torch.Generator().manual_seed(1))
    loss(logits, label).backward()
    assert not logits.grad[:, 0].any() and logits.grad[:, 1:].all()


def test_plain_paths_become_images_and_numbers(tmp_path):
    """As MONAI Label hands them over: two paths; the label keeps its numbers."""
    numbers = np.zeros((40, 48), np.uint8)
    numbers[5:20, 5:20], numbers[5:20, 28:44], numbers[22:30, 20:30] = 1, 2, 3
    Image.fromarray(numbers * 60).save(tmp_path / "image.png")
    Image.fromarray(numbers).save(tmp_path / "label.png")
    paths = {"image": str(tmp_path / "image.png"), "label": str(tmp_path / "label.png")}
    made = parser().get_parsed_content("validate#preprocessing")(paths)
    assert made["image"].shape == made["label"].shape == (1, 32, 32)
    assert set(made["label"].unique().tolist()) == {0, 1, 2, 3}
    assert (
        made["label"][0, 10, 8] == 1 and made["label"][0, 10, 24] == 2
    )  # upright: sides are where they were


def test_the_evaluation_is_at_the_size_of_the_files(tmp_path):
    """Prediction and label are taken back to it."""
    image = np.random.default_rng(0).integers(0, 4, (40, 48)).astype(np.uint8)
    for name in ("image", "label"):
        Image.fromarray(image).save(tmp_path / f"{name}.png")
    paths = {name: str(tmp_path / f"{name}.png") for name in ("image", "label")}
    made = parser(evaluate())
    data = made.get_parsed_content("validate#preprocessing")(paths)
    data["pred"] = torch.zeros(4, 32, 32)
    done = made.get_parsed_content("validate#postprocessing")(data)
    assert done["pred"].shape == done["label"].shape == (4, 48, 40)  # as stored: [x, y]


def test_no_name_of_cxrtk_is_needed():
    """Nor is one of a script: all parts are MONAI's and torch's."""
    text = str([train(LUNGS, UNET), evaluate(), multi_gpu_train(), multi_gpu_evaluate()])
    assert "cxrtk." not in text and "scripts." not in text
