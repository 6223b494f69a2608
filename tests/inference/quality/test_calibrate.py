"""A trained network learns to say how sure it is."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from monai.networks.nets import UNet

from cxrtk import DataError, readers
from cxrtk.data.datalist import DataLists
from cxrtk.inference.quality.calibrate import calibrate, fit_temperatures
from cxrtk.inference.quality.observe import GridImage, load
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model
from cxrtk.models.model_file import Model, ModelSpec, read_model, save_model

FOUR = ("right_lung", "left_lung", "heart", "lungs_with_heart")


@pytest.fixture(scope="module")
def model():
    """The shipped model without what is to be fitted here."""
    found = find_model("lungs")
    return replace(found, spec=replace(found.spec, temperature=(), quality={}))


@pytest.fixture(scope="module")
def lists(cxrtk_data):
    """JSRT as a run would split it."""
    reader = readers.create("image_mask_folder", root=cxrtk_data / "jsrt", heart="excluded")
    return reader, DataLists(reader, "files")


@pytest.mark.slow
def test_a_model_gets_temperatures_and_a_flag(model, lists):
    """On real images: a smaller error of calibration, and every number the flag needs."""
    reader, data = lists
    found, errors = calibrate(model, reader, data.train[:16], data.validation[:8])
    assert set(errors) == set(FOUR)
    for name, numbers in errors.items():
        assert numbers["ece_after"] <= numbers["ece_before"] + 0.01, name
        assert numbers["temperature"] > 0
    entry = data.validation[8]["image"]
    flag = Segmenter(found).segment(reader.read(entry)).quality
    assert flag["flag"] in ("ok", "review", "failed") and {"shape", "ratio_spread"} <= set(flag["signs"])
    assert set(flag["organs"]) == {"lungs", "heart"}


@pytest.mark.slow
def test_the_seed_decides(model, lists):
    """Twice the same numbers."""
    reader, data = lists
    twice = [calibrate(model, reader, data.train[:10], data.validation[:2], seed=3)[0].spec for _ in range(2)]
    assert twice[0] == twice[1]


def test_all_travels_in_the_model_file(lists, tmp_path):
    """Saved and read back, the description is the same."""
    arguments = {"spatial_dims": 2, "in_channels": 1, "out_channels": 4, "channels": [4, 8], "strides": [2]}
    torch.manual_seed(0)
    spec = ModelSpec("m", {"_target_": "monai.networks.nets.UNet", **arguments}, FOUR, image_size=64)
    reader, data = lists
    untrained = Model(spec, UNet(**arguments).eval(), "0" * 64)
    temperatures, _ = fit_temperatures(
        untrained, [load(reader, entry, 64, FOUR) for entry in data.validation[:3]]
    )
    model = replace(untrained, spec=replace(spec, temperature=temperatures))
    save_model(model.spec, model.network.state_dict(), tmp_path / "m.safetensors")
    assert read_model(tmp_path / "m.safetensors").spec == model.spec


def test_an_image_knows_its_patient(lists):
    """As the reader names it: several images of one patient count once in the interval."""
    reader, data = lists
    loaded = [load(reader, entry, 64, FOUR) for entry in data.train[:3]]
    assert [image.patient for image in loaded] == [entry["label"]["patient"] for entry in data.train[:3]]


def test_an_image_without_a_mask(model, cxrtk_data):
    """It is named."""
    reader = readers.create("nih_png", root=cxrtk_data / "nih")
    item = reader.items()[0]
    with pytest.raises(DataError, match="has no mask; calibrate on images with masks"):
        calibrate(model, reader, [{"image": item["image"], "label": item}], [])


def test_known_pixels_alone_fit_the_temperature(model):
    """A label that is unknown everywhere changes nothing."""
    rng = np.random.default_rng(0)
    image = rng.random((256, 256), dtype=np.float32)
    known = GridImage(image, (rng.random((4, 256, 256)) < 0.5).astype(np.int8))
    unknown = GridImage(image, np.full((4, 256, 256), -1, np.int8))
    assert fit_temperatures(model, [known]) == fit_temperatures(model, [known, unknown])
