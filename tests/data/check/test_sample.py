"""Comparison of some masks before a training."""

import numpy as np
import pytest

from cxrtk import CxrReadError, DataError, Label, readers
from cxrtk.data.check.sample import habits_of_sample
from cxrtk.data.datalist import DataLists


class Turned:
    """The phantoms, with masks that a function changed."""

    def __init__(self, change) -> None:
        self.phantoms = readers.create("phantom", root="", count=12)
        self.change = change
        self.items, self.read = self.phantoms.items, self.phantoms.read
        self.has_label, self.files = self.phantoms.has_label, self.phantoms.files

    def read_label(self, item) -> Label:
        label = self.phantoms.read_label(item)
        masks = np.stack([np.ascontiguousarray(self.change(mask)) for mask in label.masks])
        return Label(masks, label.classes, label.truth, label.heart)


def test_turned_masks_are_refused_before_a_training() -> None:
    """One line that says what was done to the masks, and where the files are named."""
    with pytest.raises(
        DataError, match=r"rotated or mirrored: lungs: 12 of 12 .* transposed; .*`cxrtk check`"
    ):
        DataLists(Turned(np.transpose), "files")


def test_shifted_masks_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """They are said, and the lists are made."""
    lists = DataLists(Turned(lambda mask: np.roll(mask, mask.shape[0] // 20, axis=0)), "files")
    assert (
        lists.train
        and "the masks are shifted against their images: lungs: they are shifted by 5% of the height down"
        in caplog.text
    )


def test_right_masks_are_not_mentioned(caplog: pytest.LogCaptureFixture) -> None:
    """Neither refused nor warned of."""
    DataLists(Turned(lambda mask: mask), "files")
    assert "pictures" not in caplog.text


def test_files_that_cannot_be_read_are_passed_over() -> None:
    """Reading them for the training names them."""
    reader = Turned(np.transpose)

    def damaged(item):
        raise CxrReadError(item["image"], "is damaged", cure="copy it again", code="damaged")

    reader.read_label = damaged
    assert habits_of_sample(reader, reader.items()) == []


def test_a_resumed_run_is_not_compared_again(tmp_path, monkeypatch) -> None:
    """Its data is that which was compared when it began, by content."""
    compared = []
    monkeypatch.setattr("cxrtk.data.datalist.habits_of_sample", lambda *args: compared.append(args) or [])
    for _ in range(2):
        DataLists(Turned(lambda mask: mask), "files", save_to=str(tmp_path))
    assert len(compared) == 1
    DataLists(Turned(lambda mask: mask), "files", save_to=str(tmp_path / "another"))
    assert len(compared) == 2
