"""Scaling by percentiles, against MONAI's transform bit by bit."""

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import ScaleIntensityRangePercentilesd

from cxrtk.data import ScalePercentilesd


def images() -> list[np.ndarray]:
    """Of many sizes and kinds: noise, few grey levels, one value, half black, sorted, with infinities."""
    rng = np.random.default_rng(0)
    found = []
    for height, width in ((1, 1), (2, 1), (3, 5), (64, 64), (61, 61), (97, 211), (256, 256)):
        noise = rng.random((1, height, width)).astype(np.float32)
        half = noise.copy()
        half[:, : height // 2] = 0
        infinite = noise.copy()
        infinite[0, 0, 0] = np.inf
        ordered = np.sort(noise, axis=None).reshape(noise.shape)
        levels = (np.round(noise * 12) / 12).astype(np.float32)
        found += [noise, levels, np.full_like(noise, 0.3), half, ordered, ordered[..., ::-1].copy(), infinite]
    return found


@pytest.mark.parametrize(("lower", "upper"), [(1, 99), (0, 100), (40, 60), (0.5, 99.7)])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-2.0, 2.0)])
@pytest.mark.filterwarnings("ignore:Divide by zero")
def test_it_is_monais_to_the_last_bit(lower, upper, low, high):
    """Metadata are kept, and the image given is not changed."""
    monai = ScaleIntensityRangePercentilesd("image", lower, upper, low, high, clip=True)
    own = ScalePercentilesd("image", lower, upper, low, high)
    for image in images():
        given = MetaTensor(torch.from_numpy(image.copy()), meta={"filename_or_obj": "a"})
        found = own({"image": given})["image"]
        expected = monai({"image": MetaTensor(torch.from_numpy(image.copy()))})["image"]
        np.testing.assert_array_equal(found.numpy(), expected.numpy())
        assert found.meta["filename_or_obj"] == "a" and np.array_equal(given.numpy(), image)


def test_an_image_of_more_than_a_million_pixels():
    """Above that MONAI takes the percentiles in another way."""
    image = torch.rand(1, 1001, 1000, generator=torch.Generator().manual_seed(0))
    expected = ScaleIntensityRangePercentilesd("image", 1, 99, 0, 1, clip=True)({"image": image.clone()})
    found = ScalePercentilesd("image", 1, 99)({"image": image})["image"]
    np.testing.assert_array_equal(found.numpy(), expected["image"].numpy())


def test_a_missing_number_is_not_hidden():
    """As MONAI's: the whole image is NaN, so that the training's guard stops."""
    image = torch.rand(1, 8, 8)
    image[0, 3, 3] = float("nan")
    assert torch.isnan(ScalePercentilesd("image", 1, 99)({"image": image})["image"]).all()


def test_a_percentile_out_of_range():
    """Refused when it is made."""
    with pytest.raises(ValueError, match=r"in the range \[0, 100\], not -1 and 99"):
        ScalePercentilesd("image", -1, 99)
