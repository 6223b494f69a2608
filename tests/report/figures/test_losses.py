"""The curves of a log."""

from cxrtk.report.figures import losses


def test_losses_are_those_of_the_log():
    """Where an epoch has no number of a part, that part has no point."""
    rows = [
        {"epoch": 1, "train": {"loss": 0.9}, "validation": {"loss": 0.8}, "best": True},
        {"epoch": 2, "train": {"loss": 0.5}, "validation": None},
        {"epoch": 3, "train": {"loss": 0.4}, "validation": {"loss": 0.45}, "best": True},
    ]
    found = losses.curves(rows, "loss")
    assert (found["train"].epochs, found["train"].values) == ([1, 2, 3], [0.9, 0.5, 0.4])
    assert (found["validation"].epochs, found["validation"].values) == ([1, 3], [0.8, 0.45])
    assert losses.best_epoch(rows) == 3
    assert "training from 0.9000 to 0.4000" in losses.draw(found, 3).says


def test_before_the_first_validation_nothing_is_kept():
    """And a run without validation says what it lacks."""
    rows = [{"epoch": 1, "train": {"loss": 0.9}}, {"epoch": 2, "train": {"loss": 0.5}, "best": False}]
    found = losses.curves(rows, "loss")
    assert losses.best_epoch(rows) is None and set(found) == {"train"}
    says = losses.draw(found, None).says
    assert "no loss of its validation" in says and "were kept" not in says
    assert losses.curves(rows, "dice") == {}
