"""benchmarks/waiting.py: it trains, and measures the waiting."""

import time

import pytest

from cxrtk.data.augment.placement import RandPlacementd


@pytest.mark.slow
def test_slow_augmentation_is_waited_for(load_benchmark, capsys, monkeypatch):
    """Seven of the 12 images train; if each takes a quarter of a second, 1.75 s of an epoch are waiting."""
    transform = RandPlacementd.__call__

    def slow(self, data):
        time.sleep(0.25)
        return transform(self, data)

    monkeypatch.setattr(RandPlacementd, "__call__", slow)
    words = ["--images", "12", "--image_size", "64", "--batch_size", "2", "--epochs", "2", "--workers", "0"]
    load_benchmark("waiting").main(words)
    workers, seconds, share = capsys.readouterr().out.splitlines()[-1].strip("| ").split(" | ")
    assert workers == "0"
    assert float(seconds) * float(share.rstrip("%")) / 100 > 1.7


def test_one_epoch_is_refused(load_benchmark, capsys):
    """The first epoch is left out, so there must be another."""
    with pytest.raises(SystemExit):
        load_benchmark("waiting").main(["--epochs", "1"])
    assert "--epochs must be 2 or more" in capsys.readouterr().err
