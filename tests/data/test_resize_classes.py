"""Labels at another size: shares of area, by hand and against an average of whole pixels."""

import pytest
import torch
from monai.data import MetaTensor

from cxrtk.data import ResizeClassesd
from cxrtk.data.resize_classes import resize_classes


def label(*rows: str) -> torch.Tensor:
    """One class, drawn: # yes, . no, ? unknown."""
    values = {"#": 1.0, ".": 0.0, "?": -1.0}
    return torch.tensor([[[values[sign] for sign in row] for row in rows]])


def test_whole_pixels_are_averaged():
    """By 2 in each direction: torch's average pooling."""
    generator = torch.Generator().manual_seed(0)
    drawn = (torch.rand(3, 8, 12, generator=generator) > 0.5).float()
    assert torch.allclose(resize_classes(drawn, (4, 6)), torch.nn.functional.avg_pool2d(drawn, 2))


def test_parts_of_pixels_count_by_their_area():
    """Three columns become two: each covers one and a half of the old ones."""
    assert resize_classes(label("#.."), (1, 2))[0, 0].tolist() == pytest.approx([2 / 3, 0])
    assert resize_classes(label(".#."), (1, 2))[0, 0].tolist() == pytest.approx([1 / 3, 1 / 3])


def test_the_area_stays():
    """From 500 to 256 columns, as of OpenIST, no pixel counts twice."""
    generator = torch.Generator().manual_seed(1)
    drawn = (torch.rand(1, 411, 500, generator=generator) > 0.7).float()
    assert float(resize_classes(drawn, (256, 256)).mean()) == pytest.approx(float(drawn.mean()), abs=1e-6)


def test_what_is_unknown_does_not_count():
    """The share is of the known area; with less than half of it known, the pixel is unknown."""
    assert resize_classes(label("#?", ".."), (1, 1)).item() == pytest.approx(1 / 3)
    assert resize_classes(label("#?", "?."), (1, 1)).item() == pytest.approx(1 / 2)
    assert resize_classes(label("#?", "??"), (1, 1)).item() == -1
    assert resize_classes(label("?????"), (1, 3)).tolist() == [[[-1.0, -1.0, -1.0]]]


def test_an_enlarged_label_keeps_its_outline():
    """Each pixel becomes four, and between pixels the new one has a share of both."""
    assert resize_classes(label("#."), (2, 4))[0].tolist() == [[1, 1, 0, 0]] * 2
    assert resize_classes(label("#."), (1, 3))[0, 0].tolist() == pytest.approx([1, 0.5, 0])


def test_the_outline_moves_less_than_with_the_nearest_pixel():
    """A disc: its area at a tenth of the size, against pi r^2 (the drawn disc is 0.06 % off by itself)."""
    rows, columns = torch.meshgrid(torch.arange(500.0), torch.arange(500.0), indexing="ij")
    disc = (((rows - 243) ** 2 + (columns - 251) ** 2) < 181**2).float()[None]
    truth = 3.141592653589793 * 181**2 / 500**2
    nearest = torch.nn.functional.interpolate(disc[None], (48, 48), mode="nearest-exact")
    assert float(resize_classes(disc, (48, 48)).mean()) == pytest.approx(truth, rel=1e-3)
    assert float(nearest.mean()) != pytest.approx(truth, rel=1e-3)


def test_as_a_transform():
    """The name of the file stays; other keys are left alone."""
    item = {"label": MetaTensor(label("##", ".."), meta={"filename_or_obj": "a.png"}), "image": 3}
    after = ResizeClassesd("label", (1, 1))(item)
    assert after["label"].shape == (1, 1, 1) and after["label"].item() == 0.5
    assert after["label"].meta["filename_or_obj"] == "a.png" and after["image"] == 3
