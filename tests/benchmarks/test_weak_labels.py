"""The arithmetic of benchmarks/weak_labels.py: its loss, against torch's and SciPy's."""

import json

import numpy as np
import pytest
import torch
from scipy import ndimage


@pytest.fixture(scope="module")
def script(load_benchmark):
    return load_benchmark("weak_labels")


@pytest.fixture(scope="module")
def masks() -> np.ndarray:
    """(3, 1, 24, 20): a disc, a rectangle at the border, and noise."""
    rows, columns = np.mgrid[:24, :20]
    disc = (rows - 11) ** 2 + (columns - 9) ** 2 < 50
    rectangle = (rows < 9) & (columns > 11)
    noise = np.random.default_rng(0).random((24, 20)) < 0.5
    return np.stack([disc, rectangle, noise])[:, None].astype(np.float32)


@pytest.mark.parametrize("band", [1, 2, 3])
def test_the_band_is_what_erosion_and_dilation_leave(script, masks, band):
    """Confident is a pixel that an erosion of the mask, or of the background, keeps."""
    square = np.ones((2 * band + 1, 2 * band + 1))

    def eroded(mask: np.ndarray) -> np.ndarray:
        return np.asarray(ndimage.binary_erosion(mask, square, border_value=1))

    expected = np.stack([[eroded(mask[0] > 0) | eroded(mask[0] == 0)] for mask in masks])
    found = script.confident_pixels(torch.from_numpy(masks), band).numpy()
    np.testing.assert_array_equal(found.astype(bool), expected)


def test_without_a_band_it_is_the_mean_over_all_pixels(script, masks):
    """Band 0 is torch's binary cross entropy with logits."""
    torch.manual_seed(0)
    logits, label = torch.randn(masks.shape), torch.from_numpy(masks)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits, label)
    torch.testing.assert_close(script.ConfidentBinaryCrossEntropy(0)(logits, label), expected)


def test_the_band_costs_nothing(script, masks):
    """Whatever the network says within it, loss and gradient are those without it."""
    label = torch.from_numpy(masks[:2])
    within = script.confident_pixels(label, 3) == 0
    logits = torch.where(within, torch.full_like(label, 50.0), 3 * (2 * label - 1)).requires_grad_()
    loss = script.ConfidentBinaryCrossEntropy(3)(logits, label)
    loss.backward()
    assert within.any() and not logits.grad[within].any()
    assert loss.item() == pytest.approx(np.log1p(np.exp(-3)))


def test_a_label_of_nothing_but_outline_costs_nothing(script):
    """A checkerboard has no confident pixel; the loss is 0, not 0 / 0."""
    label = (torch.arange(8)[:, None] + torch.arange(8)).remainder(2).float()[None, None]
    assert script.ConfidentBinaryCrossEntropy(1)(torch.ones_like(label), label).item() == 0


def test_total_variation_is_the_length_of_an_outline(script, masks):
    """Of a rectangle its edges within the image; of any mask the pairs of neighbours that differ."""
    rectangle = torch.from_numpy(masks[1:2])
    assert script.total_variation(rectangle).item() == 9 + 8  # 9 rows and 8 columns, in the corner
    down, across = np.diff(masks, axis=-2) != 0, np.diff(masks, axis=-1) != 0
    differing = down.sum() + across.sum()
    assert script.total_variation(torch.from_numpy(masks)).item() == differing


def test_a_smooth_loss_is_entropy_plus_outline_per_pixel(script, masks):
    """Of logits so far from 0 that the probabilities are the masks, but for 1e-8."""
    label = torch.from_numpy(masks[:1])
    logits = 20 * (2 * label - 1)
    ring = script.total_variation(label).item() / label.numel()
    assert script.SmoothBinaryCrossEntropy(2.0)(logits, label).item() == pytest.approx(2 * ring, abs=1e-6)
    torch.manual_seed(0)
    noise = torch.randn(masks.shape)
    plain = torch.nn.functional.binary_cross_entropy_with_logits(noise, torch.from_numpy(masks))
    torch.testing.assert_close(script.SmoothBinaryCrossEntropy(0.0)(noise, torch.from_numpy(masks)), plain)


def test_the_table_over_seeds(script, tmp_path):
    """Each seed's mean, their mean, and what is gained over the generated masks."""
    means = {"a": (0.9, 0.8), "b": (0.7, 0.6), "c": (0.65, 0.7)}
    for row, of_seeds in means.items():
        for seed, mean in enumerate(of_seeds):
            folder = tmp_path / f"seed{seed}" / "jsrt" / "evaluated" / row
            folder.mkdir(parents=True)
            summary = [{"metric": "iou", "mean": 0.1}, {"metric": "dice", "mean": mean}]
            (folder / "evaluation.json").write_text(json.dumps({"summary": summary}))
    lines = script.over_seeds(["jsrt"], ["a", "b", "c"], [tmp_path / "seed0", tmp_path / "seed1"]).split("\n")
    assert lines[2].endswith("| 0.9000, 0.8000 | 0.8500 |")
    assert lines[3].endswith("| 0.7000, 0.6000 | 0.6500 |")
    assert lines[-1] == "| (c) less (b) | -0.0500, +0.1000 | +0.0250 |"
