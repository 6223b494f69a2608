"""The steps of `cxrtk segment` as MONAI's: the same masks, of PNG and DICOM, through MONAI's transforms."""

import numpy as np
import torch
from PIL import Image

import cxrtk
from cxrtk import phantom, pixels
from cxrtk.inference.segmentation.monai_steps import LabelMapd, Radiographd, TwoViews
from cxrtk.models.find import find_model


def drawn():
    """A drawn chest, (256, 256) of 8 bits."""
    return (phantom.draw(0, size=256).pixels * 255).astype(np.uint8)


def by_steps(model, path):
    """The label map of a file, (H, W)."""
    spec = model.spec
    names = tuple(name for name in spec.classes if name != "lungs_with_heart")
    data = Radiographd("image", spec.image_size, spec.in_channels)({"image": path})
    with torch.no_grad():
        pred = TwoViews(spec.temperature)(data["image"][None], torch.nn.Sequential(model.network))[0]
    done = LabelMapd("pred", spec.classes, names, spec.threshold)({**data, "pred": pred})
    assert done["pred"].meta["filename_or_obj"] == str(path)
    return done["pred"][0].numpy().T


def test_the_masks_are_those_of_segment(tmp_path):
    """Pixel by pixel, of the shipped model."""
    model = find_model("lungs")
    Image.fromarray(drawn()).save(tmp_path / "a.png")
    found = cxrtk.Segmenter(model, backend="torch", precision="fp32").segment(tmp_path / "a.png")
    wanted = pixels.label_map(found.masks, found.classes)
    assert wanted.any() and np.array_equal(by_steps(model, tmp_path / "a.png"), wanted)


def test_one_class_of_both_lungs_has_the_number_one(lung_model, tmp_path):
    """A model without sides: 1 in either lung."""
    model = find_model(str(lung_model))
    Image.fromarray(drawn()).save(tmp_path / "a.png")
    found = cxrtk.Segmenter(model, backend="torch", precision="fp32").segment(tmp_path / "a.png")
    assert np.array_equal(by_steps(model, tmp_path / "a.png"), found.masks[0])
