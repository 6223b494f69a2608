"""Predictions: fed as in training, scaled by temperature, mirrored without mixing up the sides."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from monai.transforms import NormalizeIntensityd, Resized, ScaleIntensityRangePercentilesd

from cxrtk import CheckpointError, pixels
from cxrtk.models.model_file import Model, ModelSpec, read_model
from cxrtk.models.predictor import Predictor, combined, moved


@pytest.fixture(scope="module")
def chest(cxrtk_data):
    return pixels.read(sorted((cxrtk_data / "openist" / "images").iterdir())[3]).pixels


@pytest.mark.filterwarnings("ignore:Divide by zero")
@pytest.mark.parametrize("picture", ["chest", "dicom", "constant", "half white"])
def test_it_is_fed_as_in_training(chest, cxrtk_data, model_file, picture):
    """The bundle's three transforms give the same numbers, on images large, small and flat."""
    image = {
        "chest": chest,
        "dicom": pixels.read(cxrtk_data / "dicom" / "RG1_UNCI.dcm").pixels,
        "constant": np.full((70, 50), 0.4, np.float32),
        "half white": np.repeat(np.array([[0.0, 1.0]], np.float32), 600, axis=0).repeat(300, axis=1),
    }[picture]
    item = {"image": torch.from_numpy(image.copy())[None]}
    for step in (
        ScaleIntensityRangePercentilesd("image", 1, 99, 0.0, 1.0, clip=True),
        Resized("image", (64, 64), mode="bilinear", anti_aliasing=True),
        NormalizeIntensityd("image", subtrahend=0.5, divisor=0.25),
    ):
        item = step(item)
    prepared = Predictor(read_model(model_file)).prepare(image)
    assert torch.allclose(prepared, torch.as_tensor(item["image"]), atol=1e-4)


def test_a_linear_change_of_the_image_changes_nothing(chest, model_file):
    """Percentiles come first: a quarter of the contrast, moved up, is the same to the network."""
    predictor = Predictor(read_model(model_file))
    assert np.allclose(predictor.prepare(chest), predictor.prepare(chest * 0.25 + 0.5), atol=1e-5)


def test_logits_are_divided_by_the_temperature_of_their_class(model_file):
    """2 for the heart, 1 for the others."""
    model = read_model(model_file)
    cold = Model(ModelSpec(**{**vars(model.spec), "temperature": ()}), model.network, "")
    image = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(2))
    scaled, plain = Predictor(model).logits(image), Predictor(cold).logits(image)
    assert torch.allclose(scaled[:, 2] * 2, plain[:, 2])
    assert torch.equal(scaled[:, [0, 1, 3]], plain[:, [0, 1, 3]])


class Halves(torch.nn.Module):
    """Right lung: what is bright in the image's left half; left lung: in its right half."""

    def forward(self, image):
        left_half = torch.arange(image.shape[-1]) < image.shape[-1] // 2
        bright = image > 0
        right, left = bright & left_half, bright & ~left_half
        return torch.cat([right, left, bright, bright], dim=1).float() * 20 - 10


def test_the_mirrored_view_is_turned_back_with_its_sides(spec):
    """An asymmetric image: all views say the same, the right lung on the image's left."""
    image = np.zeros((64, 64), np.float32)
    image[10:40, 5:25] = image[30:60, 45:60] = 1.0
    model = Model(ModelSpec(**{**vars(spec), "temperature": ()}), Halves(), "")
    views = Predictor(model).views([image]).probabilities
    assert torch.equal(views[0], views[1]) and torch.equal(views[0], views[2])
    assert views[0, 0, 0, 20, 10] > 0.9 and views[0, 0, 1, 20, 10] < 0.1
    assert views[0, 0, 1, 50, 50] > 0.9 and views[0, 0, 0, 50, 50] < 0.1


def test_a_batch_of_sizes_is_each_alone(chest, model_file):
    """Images of different sizes in one batch: the same as one by one."""
    predictor = Predictor(read_model(model_file))
    together = predictor([chest, chest[:200, :180]])
    assert together.shape == (2, 4, 64, 64)
    alone = np.concatenate([predictor([chest]), predictor([chest[:200, :180]])])
    assert np.allclose(together, alone, atol=2e-2)  # bfloat16 may round otherwise in another batch


def test_an_image_smaller_than_the_networks_stride(model_file):
    """The smallest that is read, 8 x 8, is brought to the network's size as any other."""
    probabilities = Predictor(read_model(model_file))([np.eye(8, dtype=np.float32)])
    assert probabilities.shape == (1, 4, 64, 64) and np.isfinite(probabilities).all()


def test_features_are_the_mean_of_a_layer(chest, model_file):
    """Of the first view, one row an image; a layer that is not there is named."""
    model = read_model(model_file)
    predictor = Predictor(model, layer="model.0")
    features = predictor.views([chest, chest[:, ::-1]]).features
    first = model.network.model[0](predictor.prepare(chest)[None])
    assert features.shape == (2, first.shape[1])
    assert torch.allclose(features[0], first.mean(dim=(2, 3))[0], atol=2e-2)  # bfloat16 there
    with pytest.raises(CheckpointError, match=r"no layer 'model\.9'"):
        Predictor(model, layer="model.9")
    assert Predictor(model).views([chest]).features is None


def test_moved_by_hand():
    """Down and to the right by 2, the edge repeated; back again, all but the edges is the same."""
    image = torch.arange(25.0).reshape(1, 1, 5, 5)
    down = moved(image, 2)
    assert torch.equal(down[0, 0, 2:, 2:], image[0, 0, :3, :3])
    assert (down[0, 0, :3, :3] == image[0, 0, 0, 0]).all()
    assert torch.equal(moved(down, -2)[..., :3, :3], image[..., :3, :3])


def test_masks_are_made_of_the_upright_views():
    """The mean of the image as it is and moved; the mirrored view has no part in it."""
    views = np.stack([np.full((1, 2, 4, 4), value, np.float32) for value in (0.2, 0.4, 0.9)])
    assert np.allclose(combined(views), 0.3)


def test_without_a_flag_no_mirror_is_looked_at(model_file):
    """It would cost a third of the time."""
    predictor = Predictor(read_model(model_file), mirror=False)
    assert len(predictor.views([np.eye(8, dtype=np.float32)]).probabilities) == 2


def test_threads_do_not_get_each_others_features(model_file):
    """Three threads on one predictor, each with its own image, again and again."""
    model = read_model(model_file)
    layer = next(
        name for name, module in model.network.named_modules() if isinstance(module, torch.nn.Conv2d)
    )
    predictor = Predictor(model, layer=layer)
    images = [np.full((48, 40), level, np.float32) for level in (0.2, 0.5, 0.8)]
    for number, image in enumerate(images):
        image[: 10 * (number + 1), 5:20] = 1.0 - image[0, 0]
    alone = [predictor.views([image]).features for image in images]

    def again(number: int) -> bool:
        found = predictor.views([images[number]]).features
        return torch.equal(found, alone[number])

    with ThreadPoolExecutor(3) as threads:
        assert all(threads.map(again, [0, 1, 2] * 40))
