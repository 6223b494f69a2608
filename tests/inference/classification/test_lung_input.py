"""What a classifier sees: the whole image, its lungs, or the box around them."""

import logging
import pickle

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from cxrtk.data import phantom
from cxrtk.data.describe import describe
from cxrtk.errors import ConfigError
from cxrtk.inference import LungInputd
from cxrtk.inference.classification.lung_input import box_around


@pytest.fixture(scope="module")
def chest():
    """A phantom of which the lungs are known."""
    return phantom.draw(3, 256)


def image_of(chest):
    """(1, H, W), with the name of a file."""
    return MetaTensor(torch.from_numpy(chest.pixels.copy())[None], meta={"filename_or_obj": "a.png"})


def test_full_is_the_image_itself(chest):
    """No model is loaded."""
    found = LungInputd(keys="image", lungs="full", model="no such model")({"image": image_of(chest)})["image"]
    assert torch.equal(found, image_of(chest))


def test_masked_is_0_outside_the_lungs_and_the_image_inside(chest):
    """The mask is that of the model: near the phantom's true lungs, never elsewhere."""
    found = LungInputd(keys="image", lungs="masked")({"image": image_of(chest)})["image"][0].numpy()
    kept = found > 0
    assert np.array_equal(found[kept], chest.pixels[kept])
    lungs = (chest.right_lung | chest.left_lung) & (chest.pixels > 0)
    assert 2 * (kept & lungs).sum() / (kept.sum() + lungs.sum()) > 0.8


def test_cropped_is_a_part_of_the_image_around_the_lungs(chest):
    """Smaller than the image; holds most of the true lungs."""
    found = LungInputd(keys="image", lungs="cropped")({"image": image_of(chest)})["image"]
    assert found.shape[1] < 256 and found.shape[2] < 256
    lungs = chest.right_lung | chest.left_lung
    rows, columns = np.flatnonzero(lungs.any(1)), np.flatnonzero(lungs.any(0))
    assert found.shape[1] > 0.85 * (rows[-1] - rows[0]) and found.shape[2] > 0.85 * (columns[-1] - columns[0])


def test_no_lungs_leave_the_whole_image_and_a_warning(caplog):
    """A blank image; the warning names the file."""
    blank = MetaTensor(torch.zeros(1, 128, 128), meta={"filename_or_obj": "blank.png"})
    with caplog.at_level(logging.WARNING):
        found = LungInputd(keys="image", lungs="cropped")({"image": blank})["image"]
    assert found.shape == (1, 128, 128)
    assert "blank.png: no lungs were found" in caplog.text


def test_another_word_is_refused():
    """With the three that there are."""
    with pytest.raises(ConfigError, match="full, masked, cropped"):
        LungInputd(keys="image", lungs="half")


def test_it_can_be_sent_to_another_process(chest):
    """And gives the same there."""
    transform = LungInputd(keys="image", lungs="masked")
    again = pickle.loads(pickle.dumps(transform))
    assert torch.equal(
        again({"image": image_of(chest)})["image"], transform({"image": image_of(chest)})["image"]
    )


def test_the_cache_tells_its_settings_apart():
    """Full, masked and cropped are three descriptions."""
    kinds = [str(describe(LungInputd(keys="image", lungs=kind))) for kind in ("full", "masked", "cropped")]
    assert len(set(kinds)) == 3


def test_the_box_is_wider_by_its_margin_and_ends_at_the_image():
    """20 rows from 10 to 29, 40 columns from 0 to 39; 10 % of each."""
    mask = np.zeros((64, 48), np.uint8)
    mask[10:30, 0:40] = 1
    assert box_around(mask, 0.1) == (8, 32, 0, 44)
