"""`cxrtk models`: what ships, checked."""

import hashlib
import json
import shutil
from pathlib import Path

from cxrtk import models


def test_each_with_its_checksum_and_licence(cxrtk_command):
    """As JSON: names, classes, bytes, the digest by hashlib, and a licence that is there."""
    rows = json.loads(cxrtk_command("models", "--json").out)
    assert [row["name"] for row in rows] == list(models.shipped())
    for row in rows:
        content = Path(row["path"]).read_bytes()
        assert (row["bytes"], row["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        licence = Path(row["licence"])
        assert licence == Path(row["path"]).with_suffix(".LICENSE") and row["classes"]
        assert row["terms"] == licence.read_text(encoding="utf-8").splitlines()[0]


def test_the_table(cxrtk_command):
    """Names the model and its outputs; a line for each says what its licence allows, and where it lies."""
    out = cxrtk_command("models").out
    assert "right_lung, left_lung, heart" in out
    path = models.shipped()["lungs"].with_suffix(".LICENSE")
    assert f"Licence of the weights of lungs: research and education only, see {path}\n" in out
    assert out.count("Licence of the weights of") == len(models.shipped())


def test_one_of_the_user_s(cxrtk_command, lung_model, tmp_path):
    """A file is listed alone, with the digest by hashlib, and its licence: none stated, or that beside it."""
    path = tmp_path / "ward.safetensors"
    shutil.copy(lung_model, path)
    (row,) = json.loads(cxrtk_command("models", path, "--json").out)
    assert (row["path"], row["terms"], row["licence"]) == (str(path), "none stated", None)
    assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    said = cxrtk_command("models", path).out
    assert f": none stated; there is no {tmp_path / 'ward.LICENSE'}\n" in said
    (tmp_path / "ward.LICENSE").write_text("MIT License\n\nCopyright\n")
    (row,) = json.loads(cxrtk_command("models", path, "--json").out)
    assert (row["terms"], row["licence"]) == ("MIT License", str(tmp_path / "ward.LICENSE"))


def test_a_file_that_is_not_there(cxrtk_command, tmp_path):
    """Is named, by the exit code of a model that cannot be read."""
    ended = cxrtk_command("models", tmp_path / "ward.safetensors")
    assert ended.code == 5 and f"model {tmp_path / 'ward.safetensors'} cannot be read" in ended.err


def test_the_path_of_one(cxrtk_command):
    """Alone on a line, for shells."""
    assert cxrtk_command("models", "lungs").out == f"{models.shipped()['lungs']}\n"


def test_one_that_does_not_ship(cxrtk_command):
    """Is refused; those that do are named."""
    ended = cxrtk_command("models", "heart")
    assert ended.code == 2 and "No model 'heart'. Available: lungs" in ended.err
