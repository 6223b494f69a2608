"""The large picture of one image."""

import base64
import io

import numpy as np
from PIL import Image

from cxrtk.report.large import large
from cxrtk.report.sources import Images


def opened(uri):
    """The picture as (H, W, 3)."""
    return np.asarray(
        Image.open(io.BytesIO(base64.b64decode(uri.partition("base64,")[2]))).convert("RGB"), float
    )


def test_it_is_the_preview(steady):
    """As it was written, to within the loss of another JPEG."""
    found = large(steady.entries()["a/one.png"], steady.outputs, Images())
    preview = np.asarray(Image.open(steady.outputs / "a" / "one_preview.jpg").convert("RGB"), float)
    assert (found.height, found.width) == preview.shape[:2] and found.notes == ()
    assert np.abs(opened(found.uri) - preview).mean() < 3


def test_without_a_preview_it_is_drawn_anew(steady, folders):
    """From image and masks: the same picture."""
    entry = folders.entries()["a/one.png"]
    (folders.outputs / "a" / "one_preview.jpg").unlink()
    found = large(entry, folders.outputs, Images(folders.images))
    before = large(steady.entries()["a/one.png"], steady.outputs, Images())
    # Flag and model in the corner are of the manifest, which this test's preview was drawn without.
    assert np.abs(opened(found.uri) - opened(before.uri))[:-60].mean() < 3


def test_a_preview_that_was_changed_is_not_shown(folders):
    """It says so, and what to do."""
    (folders.outputs / "a" / "one_preview.jpg").write_bytes(b"changed")
    found = large(folders.entries()["a/one.png"], folders.outputs, Images())
    assert found.uri == "" and "was changed" in found.notes[0] and "--preview" in found.notes[1]


def test_a_file_that_was_not_read_has_none(steady):
    """Its reason stands in the table."""
    assert large(steady.entries()["c/cut off.png"], steady.outputs, Images()).uri == ""
