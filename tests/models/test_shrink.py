"""Shrinking by matrices is MONAI's Resize."""

import pytest
import torch
from monai.transforms import Resize

from cxrtk import pixels
from cxrtk.models.shrink import shrink


def by_monai(image: torch.Tensor, size: int) -> torch.Tensor:
    return torch.as_tensor(Resize((size, size), mode="bilinear", anti_aliasing=True)(image))


@pytest.mark.parametrize("name", ["RG1_UNCI.dcm", "rsna_cr_pa_monochrome2_jpeg.dcm"])
@pytest.mark.parametrize("size", [128, 256])
def test_real_radiographs(cxrtk_data, name, size):
    """1955 x 1841 and 1024 x 1024 pixels, to 1e-5 of the range, borders included."""
    image = torch.from_numpy(pixels.read(cxrtk_data / "dicom" / name).pixels.copy())[None]
    assert torch.allclose(shrink(image, size), by_monai(image, size), atol=1e-5)


@pytest.mark.parametrize("shape", [(40, 30), (300, 900), (600, 513), (512, 2000), (511, 511), (600, 90)])
def test_any_shape(shape):
    """Small, large, narrow; enlarged where the image is smaller."""
    image = torch.rand(1, *shape, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(shrink(image, 64), by_monai(image, 64), atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((600, 700), 640),
        ((300, 400), 256),
        ((256, 256), 256),
        ((511, 2000), 256),
        ((100, 90), 128),
        ((90, 900), 128),
    ],
)
def test_smaller_images_are_equal_to_the_bit(shape, size):
    """Where one side is below 512 pixels, or below the size that is asked for."""
    image = torch.rand(1, *shape, generator=torch.Generator().manual_seed(0))
    resized = shrink(image, size)
    assert type(resized) is torch.Tensor and torch.equal(resized, by_monai(image, size))
