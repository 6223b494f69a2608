"""benchmarks/upsampling.py: it runs, and its two networks really take the two ways."""

import torch
from torch import nn

from cxrtk import networks


def test_a_row_for_each_work_and_precision(load_benchmark, capsys):
    """Inference and training, in 32 bits and in bfloat16, each with two times above 0."""
    load_benchmark("upsampling").main(["--image_size", "32", "--batch_size", "1", "--repeats", "1"])
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    assert [row[:2] for row in rows] == [
        [work, precision] for work in ("inference", "training") for precision in ("fp32", "bf16")
    ]
    assert all(float(value) > 0 for row in rows for value in row[2:4])


def test_a_watched_network_runs_its_layers(load_benchmark, monkeypatch):
    """It upsamples four times; a network that nothing watches never does."""
    seen = []
    plain = nn.Upsample.forward
    monkeypatch.setattr(nn.Upsample, "forward", lambda self, x: seen.append(1) or plain(self, x))
    network, image = networks.create("paper_unet"), torch.rand(1, 3, 32, 32)
    network(image)
    assert not seen
    load_benchmark("upsampling").layered(network)(image)
    assert len(seen) == 4
