"""Labels and flags of readers that say other things than files do."""

import numpy as np
import pytest
from PIL import Image

from cxrtk import CxrReadError, Label, Reader, readers

from .labelled import GOOD, Labelled, sides
from .spoiling import A, lungs, mask, save, worrying


@pytest.mark.parametrize(
    ("other", "codes"),
    [
        (GOOD, {}),
        (sides(slice(30, 45), slice(5, 20)), {"mask_swapped": [("1.x",)]}),
        (sides(slice(5, 45), slice(0, 0)), {"mask_one_sided": [("1.x",)]}),
        (sides(slice(5, 20), slice(30, 45), heart="included"), {"conventions_mixed": [()]}),
        (sides(slice(5, 20), slice(30, 45), truth="model"), {"conventions_mixed": [()]}),
        (Label(np.ones((1, 41, 50), np.uint8), ("lungs",), "human", "excluded"), {"mask_size": [("1.x",)]}),
        (Label(GOOD.masks[:1], ("heart",), "human", "excluded"), {"mask_unreadable": [("1.x",)]}),
        (KeyError("somebody"), {"mask_unreadable": [("1.x",)]}),
        (None, {"mask_missing": [("1.x",)]}),
    ],
)
def test_labels_of_any_reader(tmp_path, checked, other, codes):
    """What a third reader's labels say is checked by the check, whether that reader does so or not."""
    report = checked(tmp_path, Labelled(tmp_path, [GOOD, other]))
    assert worrying(report) == codes


def test_labels_that_tell_no_more_than_by_reading(tmp_path, checked):
    """A reader that does not say which labels there are finds out by reading, and may fail at it."""

    class Unlabelled(Labelled):
        has_label = Reader.has_label

    damaged = CxrReadError("1_mask.x", "is cut off", code="truncated")
    report = checked(tmp_path, Unlabelled(tmp_path, [GOOD, damaged, None]))
    assert worrying(report) == {"mask_missing": [("2.x",)], "mask_unreadable": [("1.x",)]}
    assert report.of("mask_unreadable")[0].detail == "1_mask.x: is cut off"


def test_what_to_do_with_a_mask_is_said(clean, checked):
    """Soft edges, as JPEG leaves them: the argument that cuts them is named."""
    soft = np.asarray(Image.open(mask(clean, A)).convert("L")) // 2 + lungs() // 3
    save(mask(clean, A), soft)
    [found] = checked(clean).of("mask_values")
    assert "values" in found.detail and "--set reader#mask_threshold=0.5" in found.detail


def test_labels_that_the_reader_refuses(clean, checked):
    """Masks of which nothing says who made them: the reader's words, once."""
    (clean / "masks" / "about.json").unlink()
    report = checked(clean, readers.create("nih_png", root=clean))
    assert worrying(report) == {"labels_unusable": [()]}
    assert str(clean) not in report.of("labels_unusable")[0].detail
    assert "it is not stated who made them" in report.of("labels_unusable")[0].detail


@pytest.mark.parametrize("flag", ["lateral", "burned_in", "polarity_contradiction", "lossy", "not_square"])
def test_flags_of_the_reader(tmp_path, checked, flag):
    """A flag is an issue of its own name; a compression or a pixel's shape is a note only."""
    report = checked(tmp_path, Labelled(tmp_path, [GOOD, GOOD], {flag: "why", "of_a_plugin": "unknown"}))
    assert [issue.detail for issue in report.of(flag)] == ["why", "why"]
    assert report.status == ("clean" if flag in ("lossy", "not_square") else "warning")


def test_a_set_of_other_things_than_lungs(tmp_path, checked):
    """Masks of a pneumothorax are judged by no bound of lungs; a note says what they are."""
    masks = [np.zeros((1, 40, 50), np.uint8), np.ones((1, 40, 50), np.uint8)]
    labels = [Label(mask, ("pneumothorax",), "human") for mask in masks]
    report = checked(tmp_path, Labelled(tmp_path, labels))
    assert worrying(report) == {}
    assert [issue.detail for issue in report.of("no_lungs")] == ["they are of pneumothorax"]
