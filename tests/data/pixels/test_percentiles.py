"""Percentiles by a bracket are those of NumPy, to the bit."""

import numpy as np
import pytest

from cxrtk import pixels
from cxrtk.data.pixels.percentiles import percentiles

PERCENTS = (0, 0.3, 1, 50, 98.7, 99, 100)


def images():
    """Noise, few grey levels, ties at both ends, a few outliers, one level, few pixels, a ramp by rows."""
    generator = np.random.default_rng(3)
    noise = generator.random((300, 411), dtype=np.float32)
    yield noise
    yield np.floor(noise * 5) / np.float32(255)
    yield np.clip(noise * 2 - 0.5, 0, 1)
    yield np.where(noise > 0.995, 1, noise * np.float32(0.1))
    yield np.full((90, 80), 0.25, np.float32)
    yield from (noise[:height, :width] for height, width in [(1, 1), (1, 2), (7, 9), (64, 64), (67, 61)])
    yield np.linspace(0, 1, 600 * 500, dtype=np.float32).reshape(600, 500)
    yield np.tile(np.arange(512, dtype=np.float32) / 511, (512, 1))


@pytest.mark.parametrize("image", list(images()))
def test_percentiles_equal_numpys(image):
    """Of any distribution, whatever the sample says of it."""
    image = image.astype(np.float32)
    assert percentiles(image, PERCENTS) == np.percentile(image, PERCENTS).tolist()


@pytest.mark.parametrize("name", ["RG1_UNCI.dcm", "veterinary_dx_thorax_monochrome1.dcm"])
def test_percentiles_of_radiographs_equal_numpys(cxrtk_data, name):
    """As the preparation takes them."""
    image = pixels.read(cxrtk_data / "dicom" / name).pixels
    assert percentiles(image, (1, 99)) == np.percentile(image, (1, 99)).tolist()
