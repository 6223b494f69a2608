"""A trained network learns to say how sure it is."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from monai.networks.nets import UNet

from cxrtk import DataError, readers
from cxrtk.data.datalist import DataLists
from cxrtk.inference.quality import calibrate as calibrating
from cxrtk.inference.quality.calibrate import GridImage, calibrate, fit_temperatures, lung_dice
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model
from cxrtk.models.model_file import Model, ModelSpec, read_model, save_model
from cxrtk.models.predictor import Predictor

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


def test_a_model_gets_temperatures_and_a_flag(model, lists):
    """On real images: a smaller error of calibration, and every number the flag needs."""
    reader, data = lists
    found, errors = calibrate(model, reader, data.train[:16], data.validation[:8])
    assert set(errors) == set(FOUR)
    for name, numbers in errors.items():
        assert numbers["ece_after"] <= numbers["ece_before"] + 0.01, name
        assert numbers["temperature"] > 0
    assert len(found.spec.quality["appearance"]["mean"]) == 512  # into and out of the bottom of the U-Net
    entry = data.validation[8]["image"]
    flag = Segmenter(found).segment(reader.read(entry)).quality
    assert flag["flag"] in ("ok", "review", "failed") and {"shape", "appearance"} <= set(flag["signs"])


@pytest.mark.slow
def test_the_seed_decides(model, lists):
    """Twice the same numbers."""
    reader, data = lists
    twice = [calibrate(model, reader, data.train[:10], data.validation[:2], seed=3)[0].spec for _ in range(2)]
    assert twice[0] == twice[1]


@pytest.fixture
def fits(monkeypatch):
    """The populations whose distances were fitted; a distance is the number of the population it is from."""
    populations: list[set[bytes]] = []

    class Numbered:
        def __init__(self, number):
            self.number = number

        def __call__(self, vector):
            return self.number

        @staticmethod
        def fit(vectors, axes):
            populations.append({np.asarray(vector, np.float32).tobytes() for vector in vectors})
            return {"number": len(populations) - 1}

    monkeypatch.setattr(calibrating, "Distance", Numbered)
    return populations


def test_an_image_is_no_part_of_the_population_its_distance_is_from(fits, monkeypatch):
    """Nor are its distorted versions'; of what validates, and of the model, the population is all images."""
    given: list[list[dict[str, float]]] = []
    monkeypatch.setattr(
        calibrating, "fit_flag_rule", lambda usual, rows, *_: given.extend((usual, rows)) or {}
    )
    arguments = {"spatial_dims": 2, "in_channels": 1, "out_channels": 4, "channels": [4, 8], "strides": [2]}
    torch.manual_seed(0)
    network = UNet(**arguments).eval()
    spec = ModelSpec("m", {"_target_": "monai.networks.nets.UNet", **arguments}, FOUR, image_size=32)
    predictor = Predictor(Model(spec, network, "0" * 64), layer="model.0")
    rng = np.random.default_rng(1)
    images = [
        GridImage(rng.random((32, 32), dtype=np.float32), rng.integers(2, size=(4, 32, 32), dtype=np.int8))
        for _ in range(14)
    ]
    seen, unseen = images[:11], images[11:]
    found = calibrating.fit_quality(predictor, "model.0", seen, unseen, seed=0)

    features = predictor.views([known.image for known in images])[1].numpy()
    own = [vector.astype(np.float32).tobytes() for vector in features]
    usual, rows = given
    for number, row in enumerate(usual):
        population = fits[row["appearance"]]
        assert own[number] not in population and population < set(own[:11])
        assert fits[row["shape"]] is not population and row["shape"] == row["appearance"] - 1
    assert len({row["appearance"] for row in usual}) > 1
    kept, spoiled = rows[11:14], rows[14:]
    for row in kept:
        assert fits[row["appearance"]] == set(own[:11])
    assert fits[found["appearance"]["number"]] == set(own[:11])
    # five of each image, distorted or spoiled; of every fourth image the strangers besides
    strange = len(calibrating.strangers(images[0].image, np.random.default_rng(0)))
    sources = [n for n in range(14) for _ in range(5 + (strange if n % 4 == 0 else 0))]
    assert [row["appearance"] for row in spoiled] == [rows[number]["appearance"] for number in sources]


def test_all_travels_in_the_model_file(lists, tmp_path):
    """Saved and read back, the description is the same."""
    arguments = {"spatial_dims": 2, "in_channels": 1, "out_channels": 4, "channels": [4, 8], "strides": [2]}
    torch.manual_seed(0)
    spec = ModelSpec("m", {"_target_": "monai.networks.nets.UNet", **arguments}, FOUR, image_size=64)
    reader, data = lists
    untrained = Model(spec, UNet(**arguments).eval(), "0" * 64)
    temperatures, _ = fit_temperatures(
        untrained, [calibrating.load(reader, entry, 64, FOUR) for entry in data.validation[:3]]
    )
    model = replace(untrained, spec=replace(spec, temperature=temperatures))
    save_model(model.spec, model.network.state_dict(), tmp_path / "m.safetensors")
    assert read_model(tmp_path / "m.safetensors").spec == model.spec


def test_an_image_without_a_mask(model, cxrtk_data):
    """It is named."""
    reader = readers.create("nih_png", root=cxrtk_data / "nih")
    item = reader.items()[0]
    with pytest.raises(DataError, match="has no mask; calibrate on images with masks"):
        calibrate(model, reader, [{"image": item["image"], "label": item}], [])


def masks_of(*regions):
    """(4, 8, 8) with ones in the named columns of each class."""
    masks = np.zeros((4, 8, 8), np.uint8)
    for number, columns in enumerate(regions):
        masks[number, :, columns] = 1
    return masks


def test_dice_by_the_convention_of_the_label():
    """Sides where they are known; else lungs with the heart; nothing is good without lungs."""
    masks = masks_of(slice(0, 2), slice(4, 6), slice(0, 0), slice(0, 8))
    sides = masks_of(slice(0, 2), slice(4, 8), slice(0, 0), slice(0, 0)).astype(np.int8)
    assert lung_dice(masks, sides, FOUR) == pytest.approx(2 * 32 / (32 + 48))
    whole = np.full((4, 8, 8), -1, np.int8)
    whole[3] = masks_of(slice(0, 0), slice(0, 0), slice(0, 0), slice(0, 4))[3]
    assert lung_dice(masks, whole, FOUR) == pytest.approx(2 * 32 / (64 + 32))
    assert lung_dice(masks, np.zeros((4, 8, 8), np.int8), FOUR) == 0.0


def test_known_pixels_alone_fit_the_temperature(model):
    """A label that is unknown everywhere changes nothing."""
    rng = np.random.default_rng(0)
    image = rng.random((256, 256), dtype=np.float32)
    known = GridImage(image, (rng.random((4, 256, 256)) < 0.5).astype(np.int8))
    unknown = GridImage(image, np.full((4, 256, 256), -1, np.int8))
    assert fit_temperatures(model, [known]) == fit_temperatures(model, [known, unknown])
