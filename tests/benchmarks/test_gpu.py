"""benchmarks/gpu.py: it runs on a CPU, counts rightly, and says what it lacks."""

import json

import numpy as np
import pytest
import torch
from PIL import Image


@pytest.fixture(scope="module")
def script(load_benchmark):
    return load_benchmark("gpu")


@pytest.fixture
def pairs(tmp_path):
    """Ten bright discs on noise, with their masks."""
    rng = np.random.default_rng(0)
    for sub in ("images", "masks"):
        (tmp_path / sub).mkdir()
    for number in range(10):
        rows, columns = np.mgrid[:64, :64]
        disc = np.hypot(rows - 32, columns - rng.integers(20, 44)) < 14
        grey = rng.integers(0, 60, (64, 64)) + 150 * disc
        Image.fromarray(grey.astype(np.uint8)).save(tmp_path / "images" / f"{number}.png")
        Image.fromarray((255 * disc).astype(np.uint8)).save(tmp_path / "masks" / f"{number}.png")
    return tmp_path


def test_it_runs_on_a_cpu(script, pairs, tmp_path, capsys):
    """The JSON has what the table shows."""
    output = tmp_path / "gpu.json"
    script.main(["--device", "cpu", "--tiny", "--jsrt", str(pairs), "--output", str(output)])
    result = json.loads(output.read_text())
    (line,) = result["lines"]
    assert all(line[name] > 0 for name in ("train", "infer", "train_share", "infer_share"))
    assert line["paper_hours"] == pytest.approx(40_000 * 10 / line["train"] / 3600)
    assert result["jsrt"]["images"] == 2 and 0 <= result["jsrt"]["dice"] <= 1
    assert f"{line['train']:.1f}" in capsys.readouterr().out


def test_operations_of_a_convolution(script):
    """Two for each weight and pixel, counted by hand."""
    model = script.Model("paper_unet", torch.device("cpu"), compiled=False)
    model.network = torch.nn.Conv2d(3, 8, 3, padding=1)
    assert script.operations(model, torch.rand(2, 3, 16, 16)) == 2 * 16 * 16 * 3 * 3 * 3 * 8


def test_images_and_masks_are_moved_alike(script):
    """A mask that is the bright part of its image stays so, but for the edge."""
    rows, columns = torch.meshgrid(torch.arange(64), torch.arange(64), indexing="ij")
    label = ((rows - 30) ** 2 + (columns - 36) ** 2 < 200).float().expand(4, 1, 64, 64)
    torch.manual_seed(0)
    image, moved = script.shifted(4 * label - 2, label)
    assert ((image > 0).float() != moved).float().mean() < 0.01
    assert not torch.equal(moved[0], moved[1])


def test_without_a_gpu_one_line_says_so(script, capsys, monkeypatch):
    """And how to try it all the same."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit) as ended:
        script.main([])
    assert ended.value.code == 2 and "--device cpu --tiny" in capsys.readouterr().err
