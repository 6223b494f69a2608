"""`cxrtk models`: what ships, checked."""

import hashlib
import json
from pathlib import Path

from cxrtk import models


def test_each_with_its_checksum_and_licence(cxrtk_command):
    """As JSON: names, classes, bytes, the digest by hashlib, and a licence that is there."""
    rows = json.loads(cxrtk_command("models", "--json").out)
    assert [row["name"] for row in rows] == list(models.shipped())
    for row in rows:
        content = Path(row["path"]).read_bytes()
        assert (row["bytes"], row["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert Path(row["licence"]).is_file() and row["classes"]


def test_the_table(cxrtk_command):
    """Names the model, its outputs and where the licence lies."""
    out = cxrtk_command("models").out
    assert "right_lung, left_lung, heart" in out and "MODEL_LICENSE" in out


def test_the_path_of_one(cxrtk_command):
    """Alone on a line, for shells."""
    assert cxrtk_command("models", "lungs").out == f"{models.shipped()['lungs']}\n"


def test_one_that_does_not_ship(cxrtk_command):
    """Is refused; those that do are named."""
    ended = cxrtk_command("models", "heart")
    assert ended.code == 2 and "No model 'heart'. There are: lungs" in ended.err
