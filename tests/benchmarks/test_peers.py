"""benchmarks/peers.py: our side of it runs without downloads, and its tables say what was measured."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image

from cxrtk import networks


@pytest.fixture(scope="module")
def script(load_benchmark):
    return load_benchmark("peers")


@pytest.fixture(scope="module")
def torch_unet(script):
    sys.path.append(str(script.SCRIPTS))
    yield __import__("torch_unet")
    sys.path.remove(str(script.SCRIPTS))


def test_the_network_written_in_plain_pytorch_is_the_one_of_cxrtk(script, torch_unet, tmp_path):
    """Equal weights, equal logits: the frameworks are compared on one network."""
    network = networks.create("paper_unet").eval()
    script.write_weights(network, tmp_path / "weights.npz", tmp_path / "paper.safetensors")
    image = torch.rand(1, 3, 32, 48)
    with torch.no_grad():
        found = torch_unet.Plain(tmp_path / "weights.npz")(image)
        torch.testing.assert_close(found, network(image), atol=1e-5, rtol=0)


def test_dice_of_two_folders_of_masks(script, tmp_path):
    """Masks of two and of three pixels with two in common: 2 x 2 / (2 + 3); a file may lie in a subfolder."""
    for folder, row in (("one", [1, 1, 0, 0]), ("other/below", [1, 1, 1, 0])):
        (tmp_path / folder).mkdir(parents=True)
        Image.fromarray(np.array([row], np.uint8) * 255).save(tmp_path / folder / "a.png")
    assert script.mean_dice(tmp_path / "one", tmp_path / "other") == pytest.approx(0.8)


def test_only_lines_marked_as_results_are_read(script, monkeypatch, tmp_path):
    """Two lines of one name are one row; what a library prints is no result."""
    (tmp_path / "peer.py").write_text(
        "from timing import report\nprint('Downloading')\nreport('a', gflops=2.0)\nreport('a', files=3.0)\n"
    )
    (tmp_path / "timing.py").write_text((script.SCRIPTS / "timing.py").read_text())
    monkeypatch.setattr(script, "SCRIPTS", tmp_path)
    found = script.rows(sys.executable, "peer.py")
    assert found == {"a": {"gflops": 2.0, "files": 3.0}}
    assert script.table(found, ("files", "dice")).splitlines()[-1] == "| a | 3.0 | - |"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_our_side_runs_without_downloads(script):
    """Every row has its numbers, and the masks of MONAI's loop are those of plain PyTorch."""
    words = ["--images", "3", "--batch_size", "1", "--repeats", "1", "--steps", "12"]
    results = script.main(["--only", "none", *words])
    rows = results["frameworks"]
    assert rows["MONAI, fp32"]["dice"] > 0.99
    names = [f"{name}, {kind}" for name in ("PyTorch", "cxrtk") for kind in ("fp32", "bf16")]
    assert all(rows[name]["train"] > 0 for name in (*names, "MONAI, fp32"))
    assert results["tools"] == {}
    assert results["ceilings"]["copy of memory"]["gbytes_a_second"] > 0
