"""What ships: small enough, the file that its checksum names, under a licence of its own."""

import hashlib
import re
import shutil

import pytest

from cxrtk.errors import CheckpointError
from cxrtk.models import shipping
from cxrtk.models.find import find_model

NAMES = list(shipping.shipped())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the shipped folder, which is then the one that ships."""
    copy = tmp_path / "models"
    shutil.copytree(shipping.folder(), copy)
    monkeypatch.setattr(shipping, "folder", lambda: copy)
    return copy


def test_the_default_ships():
    """What `cxrtk segment` takes unless told otherwise."""
    assert shipping.DEFAULT in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_the_one_that_its_checksum_names(name):
    """Its SHA-256 by hashlib, and at most 25 MB."""
    content = shipping.shipped()[name].read_bytes()
    assert shipping.expected_sha256(shipping.shipped()[name]) == hashlib.sha256(content).hexdigest()
    assert len(content) <= 25e6


def test_the_list_is_complete():
    """Nothing else is named in SHA256SUMS, in the form of sha256sum."""
    lines = (shipping.folder() / "SHA256SUMS").read_text().splitlines()
    assert all(re.fullmatch(r"[0-9a-f]{64}  \S+\.safetensors", line) for line in lines)
    assert sorted(line.split()[1] for line in lines) == [path.name for path in shipping.shipped().values()]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_inside_is_the_file_s(name):
    """So that results name what the user asked for."""
    assert find_model(name).spec.name == name


def test_a_damaged_file_is_refused(folder):
    """One changed byte of the weights: one line, with the file and what to do."""
    path = folder / "lungs.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"lungs\.safetensors is not the one.*install cxrtk again") as e:
        find_model("lungs")
    assert "\n" not in str(e.value)


def test_an_exchanged_file_is_refused(folder, lung_model):
    """A good model, but another one."""
    shutil.copy(lung_model, folder / "lungs.safetensors")
    with pytest.raises(CheckpointError, match="not the one that belongs here"):
        find_model("lungs")


@pytest.mark.parametrize("content", [None, "", "0" * 64 + "  other.safetensors\n"])
def test_a_file_without_a_checksum_is_refused(folder, content):
    """The list is gone, empty, or names others."""
    (folder / "SHA256SUMS").unlink()
    if content is not None:
        (folder / "SHA256SUMS").write_text(content)
    with pytest.raises(CheckpointError, match=r"SHA256SUMS.*install cxrtk again"):
        find_model("lungs")


@pytest.mark.parametrize("source", ["JSRT", "OpenIST", "covid-chestxray-dataset", "Kermany", "v7labs"])
def test_the_licence_names_each_source(source):
    """And that the weights are no medical device."""
    text = (shipping.folder() / shipping.LICENSE).read_text(encoding="utf-8")
    assert source in text and "not a medical device" in text
