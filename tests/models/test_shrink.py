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


def test_it_is_enlarged_by_monai():
    """Where one side is below the size that is asked for."""
    image = torch.rand(1, 600, 700, generator=torch.Generator().manual_seed(0))
    assert torch.equal(shrink(image, 640), by_monai(image, 640))
