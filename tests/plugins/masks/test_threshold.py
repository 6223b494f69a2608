"""Both threshold generators, on drawn and on real radiographs."""

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data.meta_tensor import MetaTensor
from PIL import Image

import cxrtk

GENERATORS = ["mean_threshold", "median_threshold"]
# Mean Dice of the best constant mask over all images of a set, and what a generator must add to it on 24
# of them; on fewer the mean wavers, as single images of covid_v7 fall to 0.4.
CONSTANT = {"jsrt": (0.84, 0.05), "openist": (0.79, 0.09), "covid_v7": (0.78, 0.02)}


def evenly_picked(folder: Path) -> list[tuple[torch.Tensor, np.ndarray]]:
    """24 images (1, H, W) of a set, evenly picked by name, with their masks (H, W)."""
    files = sorted((folder / "images").glob("*.png"))
    chosen = [files[index] for index in np.linspace(0, len(files) - 1, 24).astype(int)]
    return [
        (
            torch.from_numpy(np.asarray(Image.open(file).convert("L"), dtype=np.float32) / 255)[None],
            np.asarray(Image.open(folder / "masks" / file.name).convert("L")) > 127,
        )
        for file in chosen
    ]


@pytest.mark.slow
@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("name", CONSTANT)
def test_beats_the_mask_that_looks_at_nothing(cxrtk_data, name, generator):
    """On 24 images the mean Dice is well above that of the set's best constant mask."""
    constant, margin = CONSTANT[name]
    generate = cxrtk.masks.create(generator)
    found = []
    for image, truth in evenly_picked(cxrtk_data / name):
        mask = generate(image)[0].numpy() > 0
        found.append(2 * (mask & truth).sum() / (mask.sum() + truth.sum()))
    assert np.mean(found) > constant + margin


@pytest.mark.parametrize("generator", GENERATORS)
def test_an_nih_image_gives_two_lungs(cxrtk_data, generator):
    """1024 x 1024 in and out, a mask on either side of the middle, and the same at a second call."""
    file = sorted((cxrtk_data / "nih" / "images").rglob("*.png"))[0]
    pixels = np.asarray(Image.open(file).convert("L"), dtype=np.float32) / 255
    image = torch.from_numpy(pixels)[None]
    generate = cxrtk.masks.create(generator)
    mask = generate(image)
    assert isinstance(mask, MetaTensor)
    assert mask.shape == image.shape
    assert mask.dtype == torch.float32
    middle = pixels.shape[1] // 2
    assert all(float(side.mean()) > 0.04 for side in (mask[..., :middle], mask[..., middle:]))
    assert torch.equal(mask, generate(image))


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize(
    "size", [(50, 81), (64, 64)]
)  # an odd and an even number of pixels differ in the median
def test_the_statistics_are_numpys(generator, size):
    """Mean and median of all pixels given, and the share of the mask, as plain floats."""
    pixels = np.random.default_rng(0).random(size, dtype=np.float32)
    mask = cxrtk.masks.create(generator)(torch.from_numpy(pixels)[None])
    found = mask.meta["statistics"]
    assert found["mean"] == pytest.approx(pixels.astype(np.float64).mean(), abs=1e-9)
    assert found["median"] == pytest.approx(np.median(pixels.astype(np.float64)), abs=1e-9)
    assert found["lung_fraction"] == pytest.approx(mask.numpy().mean(dtype=np.float64), abs=1e-9)
    assert all(type(value) is float for value in found.values())
    assert set(found) == {"mean", "median", "threshold", "lung_fraction"}


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_one_grey_gives_an_empty_mask(generator, value):
    """No pixel lies below the statistic of a constant image, which is its grey."""
    mask = cxrtk.masks.create(generator)(torch.full((1, 70, 90), value))
    assert not mask.any()
    assert mask.meta["statistics"] == pytest.approx(
        {"mean": value, "median": value, "threshold": value, "lung_fraction": 0.0}
    )


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("value", [float("nan"), -0.01, 255.0])
def test_pixels_beyond_the_range_are_refused(generator, value):
    """One pixel is enough."""
    image = torch.rand(1, 64, 64, generator=torch.Generator().manual_seed(0))
    image[0, 3, 3] = value
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        cxrtk.masks.create(generator)(image)


def test_mean_and_median_differ():
    """They are two generators, not one under two names: a skewed image tells them apart."""
    skewed = torch.rand(1, 128, 128, generator=torch.Generator().manual_seed(0)) ** 4
    thresholds = [cxrtk.masks.create(name)(skewed).meta["statistics"]["threshold"] for name in GENERATORS]
    assert thresholds[0] > thresholds[1] + 0.02
