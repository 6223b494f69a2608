"""JSON of one radiograph."""

import json

import numpy as np
import pytest

from cxrtk import Segmentation, writers
from cxrtk.testing.writers import segmentation


def test_it_holds_what_was_found(tmp_path):
    """Classes, measures, quality, model, and how the pixels were read."""
    found = segmentation(tmp_path / "in.png")
    content = json.loads(writers.create("json").write(found, tmp_path / "a")[0].read_text())
    assert content["classes"] == ["right_lung", "left_lung", "heart"]
    assert content["measures"] == {"lung_fraction_of_image": 0.39} and content["quality"]["flag"] == "ok"
    assert content["radiograph"] == {"height": 60, "width": 48, "format": "PNG"}


def test_nan_is_no_json(tmp_path):
    """Refused, as other parsers would refuse the file."""
    found = segmentation(tmp_path / "in.png")
    broken = Segmentation(**{**vars(found), "measures": {"x": float(np.nan)}})
    with pytest.raises(ValueError, match="not JSON compliant"):
        writers.create("json").write(broken, tmp_path / "a")
