"""What ships: small enough, the file that its checksum names, under a licence of its own."""

import csv
import hashlib
import re
import shutil
from collections import Counter

import pytest

from cxrtk.errors import CheckpointError
from cxrtk.models import shipping
from cxrtk.models.find import find_model
from cxrtk.models.licence import NONE_STATED, licence_of

NAMES = list(shipping.shipped())


def manifest(source):
    """Rows of a source's table."""
    with (source / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


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
    """Its SHA-256 by hashlib."""
    content = shipping.shipped()[name].read_bytes()
    assert shipping.expected_sha256(shipping.shipped()[name]) == hashlib.sha256(content).hexdigest()


def test_all_files_together_are_small_enough():
    """At most 25 MB in the wheel."""
    assert sum(path.stat().st_size for path in shipping.shipped().values()) <= 25e6


def test_the_list_is_complete():
    """Nothing else is named in SHA256SUMS, in the form of sha256sum."""
    lines = (shipping.folder() / "SHA256SUMS").read_text().splitlines()
    assert all(re.fullmatch(r"[0-9a-f]{64}  \S+\.safetensors", line) for line in lines)
    named = {line.split()[1] for line in lines}
    assert len(named) == len(lines) and named == {path.name for path in shipping.shipped().values()}


def test_the_models_are_listed_by_name():
    """The default before what begins with its name."""
    assert sorted(NAMES) == NAMES and NAMES[:2] == ["lungs", "lungs-open"]


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
    with pytest.raises(
        CheckpointError, match=r"lungs\.safetensors is not the original file.*reinstall cxrtk"
    ) as e:
        find_model("lungs")
    assert "\n" not in str(e.value)


def test_an_exchanged_file_is_refused(folder, lung_model):
    """A good model, but another one."""
    shutil.copy(lung_model, folder / "lungs.safetensors")
    with pytest.raises(CheckpointError, match="not the original file"):
        find_model("lungs")


@pytest.mark.parametrize("content", [None, "", "0" * 64 + "  other.safetensors\n"])
def test_a_file_without_a_checksum_is_refused(folder, content):
    """The list is gone, empty, or names others."""
    (folder / "SHA256SUMS").unlink()
    if content is not None:
        (folder / "SHA256SUMS").write_text(content)
    with pytest.raises(CheckpointError, match=r"SHA256SUMS.*reinstall cxrtk"):
        find_model("lungs")


@pytest.mark.parametrize("name", NAMES)
def test_each_has_a_licence(name):
    """A file beside the weights, which names them and says in its first line what it allows."""
    licence = licence_of(shipping.shipped()[name])
    assert licence.path is not None and licence.terms != NONE_STATED
    text = licence.path.read_text(encoding="utf-8")
    assert text.startswith(f"{licence.terms}\n") and f"in {name}.safetensors" in text


SOURCES = {
    "lungs": [
        "JSRT",
        "JSRT-Segmentation",
        "OpenIST",
        "covid-chestxray-dataset",
        "Kermany",
        "v7labs",
        "Nanqing Dong",
    ],
    "lungs-open": ["Nanqing Dong", "covid-chestxray-dataset", "Kermany", "v7labs", "phantoms"],
}


def test_the_sources_of_each_are_known():
    """A model that ships needs a line above."""
    assert SOURCES.keys() >= set(NAMES)


@pytest.mark.parametrize("name", SOURCES)
def test_a_licence_names_each_source(name):
    """And that the weights are no medical device. It may lie there before the weights do."""
    text = (shipping.folder() / f"{name}.LICENSE").read_text(encoding="utf-8")
    assert [source for source in SOURCES[name] if source not in text] == []
    assert "not a medical device" in text


def test_the_open_licence_counts_what_the_bundle_takes(cxrtk_data):
    """Images of each source, licence and origin, as the manifests say."""
    text = (shipping.folder() / "lungs-open.LICENSE").read_text(encoding="utf-8")
    assert text.startswith("CC BY 4.0\n") and "https://creativecommons.org/licenses/by/4.0/legalcode" in text
    rows = {source: manifest(cxrtk_data / source) for source in ("wingspan", "kermany_v7", "covid_v7")}
    opened = [row for row in rows["covid_v7"] if row["image_license"] in ("CC BY 3.0", "CC BY 4.0")]
    for title, count in (
        ("wingspan, ", len(rows["wingspan"])),
        ("COVID-19 images ", len(opened)),
        ("Children's chest X-rays ", len(rows["kermany_v7"])),
    ):
        (line,) = [line for line in text.splitlines() if line.startswith(title)]
        assert re.search(r": (\d+) images", line)[1] == str(count)
    for licence, count in Counter(row["image_license"] for row in opened).items():
        assert f"{licence} ({count})" in text
    for url, count in Counter(row["url"].partition("/figures/")[0] for row in opened).items():
        (line,) = [number for number, line in enumerate(text.splitlines()) if url in line]
        lines = text.splitlines()[line - 1 : line + 1]
        assert any(line.strip().startswith(f"{count}, CC BY") for line in lines), url


def test_only_models_with_weights_are_listed(folder):
    """A licence file alone is no model."""
    (folder / "later.LICENSE").write_text("CC BY 4.0\n")
    assert "later" not in shipping.shipped() and list(shipping.shipped()) == NAMES
