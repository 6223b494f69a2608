"""Several data sets as one: every item by its own reader, no patient of two sources mistaken for one."""

import csv
import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from cxrtk import ConfigError, CxrReadError, DataError, PluginNotFound, readers
from cxrtk.data import DataLists, split_by_patient

ROOT = Path(__file__).parents[3]
BUNDLES, MODELS = ROOT / "bundles", ROOT / "cxrtk" / "models"


@pytest.fixture(scope="module")
def several(cxrtk_data):
    return readers.create(
        "several",
        root=cxrtk_data,
        sources={
            "jsrt": {"name": "image_mask_folder", "heart": "excluded"},
            "covid": {"name": "image_mask_folder", "root": "covid_v7", "heart": "included"},
        },
    )


def test_all_items_of_all_sources(several):
    """186 and 176, in that order; the keys are those that both have, and the source."""
    items = several.items()
    assert [item["source"] for item in items] == ["jsrt"] * 186 + ["covid"] * 176
    assert len({tuple(sorted(item)) for item in items}) == 1
    assert {"image", "patient", "stem", "source"} <= set(items[0])
    assert "nodule" not in items[0]


def test_patients_are_told_apart_by_source(several):
    """The source stands before the key: 186 and 96 patients."""
    patients = {item["patient"] for item in several.items()}
    assert len(patients) == 186 + 96
    assert all(patient.startswith(("jsrt/", "covid/")) for patient in patients)


def test_each_is_read_by_its_reader(several, cxrtk_data):
    """Pixels, label with its convention, and files are what the single reader gives."""
    alone = readers.create("image_mask_folder", root=cxrtk_data / "covid_v7", heart="included")
    item, own = several.items()[-1], alone.items()[-1]
    assert item["image"] == own["image"]
    assert np.array_equal(several.read(item["image"]).pixels, alone.read(own["image"]).pixels)
    assert several.read_label(item).heart == "included"
    assert several.read_label(several.items()[0]).classes == ("right_lung", "left_lung", "heart")
    assert several.files(item) == alone.files(own) and several.has_label(item)


def test_sources_split_as_they_would_alone(several, cxrtk_data):
    """Stratified by source, JSRT's test images are the same as in a split of JSRT."""
    alone = split_by_patient(readers.create("image_mask_folder", root=cxrtk_data / "jsrt").items(), seed=3)
    both = split_by_patient(several.items(), seed=3, stratify_by="source")
    tested = [item["image"] for item in both.test if item["source"] == "jsrt"]
    assert tested == [item["image"] for item in alone.test]


def test_a_source_without_files_is_split_and_named_below_the_root(cxrtk_data, tmp_path):
    """Phantoms beside real images: in the split by their names, in the fingerprint, without any file."""
    sources = {
        "wingspan": {"name": "image_mask_folder", "heart": "excluded"},
        "phantoms": {"name": "phantom", "count": 8, "size": 32},
    }
    reader = readers.create("several", root=cxrtk_data, sources=sources)
    drawn = [item for item in reader.items() if item["source"] == "phantoms"]
    assert len(drawn) == 8 and all(reader.files(item) == [] for item in drawn)
    assert reader.read(drawn[0]["image"]).pixels.shape == (32, 32)
    assert reader.read_label(drawn[0]).truth == "exact"
    lists = DataLists(reader, "files", stratify_by="source", save_to=str(tmp_path), root=str(cxrtk_data))
    named = json.loads((tmp_path / "splits.json").read_text())
    kept = [name for part in named.values() for name in part if name.startswith("phantoms/phantom/phantom_")]
    assert len(kept) == 8
    assert lists.truth == "human masks, heart excluded; exact masks, heart excluded"
    sources["phantoms"]["seed"] = 1
    other = DataLists(readers.create("several", root=cxrtk_data, sources=sources), "files")
    assert other.fingerprint != lists.fingerprint


def test_the_open_sources_of_the_bundle(cxrtk_data):
    """Images and patients of each, counted by the csv module alone; no row of another licence."""
    bundle = json.loads((BUNDLES / "lungs_open.json").read_text())
    reader = readers.create("several", root=cxrtk_data, sources=bundle["sources"])
    images = {}
    for item in reader.items():
        images.setdefault(item["source"], []).append(item)
    counts = {source: (len(own), len({item["patient"] for item in own})) for source, own in images.items()}
    assert counts.pop("phantoms") == (240, 180)
    for source in ("wingspan", "kermany_v7", "covid_v7"):
        with (cxrtk_data / source / "manifest.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if source == "covid_v7":
            rows = [row for row in rows if re.fullmatch(r"CC BY [34]\.0", row["image_license"])]
        assert counts.pop(source) == (len(rows), len({row["patient"] for row in rows}))
        assert {Path(item["image"]).stem for item in images[source]} == {row["stem"] for row in rows}
    assert counts == {}


SAME = {"jsrt512": "jsrt"}


@pytest.fixture(scope="module")
def twins(cxrtk_data):
    """Both digitisations of JSRT, and a source of other people."""
    sources = {
        name: {"name": "image_mask_folder", "heart": "excluded"} for name in ("jsrt", "openist", "jsrt512")
    }
    return readers.create("several", root=cxrtk_data, sources=sources, same_patients=SAME)


def test_a_person_in_two_sources_is_one_patient(twins):
    """186 people of JSRT, twice, and 219 of OpenIST."""
    items = twins.items()
    assert len(items) == 186 + 219 + 186
    assert len({item["patient"] for item in items}) == 186 + 219
    by_patient = {}
    for item in items:
        by_patient.setdefault(item["patient"], []).append((item["source"], item["stem"]))
    for stem in (item["stem"] for item in items if item["source"] == "jsrt"):
        assert [("jsrt", stem), ("jsrt512", stem)] in by_patient.values()


def test_both_films_of_a_person_are_in_one_part(twins, cxrtk_data):
    """The parts of JSRT are those it has alone, and the other digitisation follows."""
    alone = split_by_patient(readers.create("image_mask_folder", root=cxrtk_data / "jsrt").items())
    split = split_by_patient(twins.items(), stratify_by="source")
    for part in ("train", "validation", "test"):
        stems = {
            source: [item["stem"] for item in split.part(part) if item["source"] == source]
            for source in ("jsrt", "jsrt512")
        }
        assert stems["jsrt"] == stems["jsrt512"] == [item["stem"] for item in alone.part(part)]


def test_the_test_images_of_the_shipped_model_stay_test_images(cxrtk_data):
    """With every source of the bundle: the 56 of JSRT, their twins, and the 66 of OpenIST."""
    bundle = json.loads((BUNDLES / "lungs.json").read_text())
    reader = readers.create(
        "several", root=cxrtk_data, sources=bundle["sources"], same_patients=bundle["same_patients"]
    )
    shipped = json.loads((MODELS / "lungs.splits.json").read_text())
    split = split_by_patient(reader.items(), seed=0, stratify_by="source")
    for part in ("train", "validation", "test"):
        assert {_below_data(item) for item in split.part(part)} == set(shipped[part])
    assert sum(item["source"] == "openist" for item in split.test) == 66
    assert sum(item["source"] == "jsrt512" for item in split.test) == 56


def _below_data(item):
    """Path of an image below the folder of all sources."""
    return f"{item['source']}/images/{Path(item['image']).name}"


def test_the_test_images_are_those_of_the_first_model_that_shipped():
    """SHA-256 of the sorted names in its split, which four sources had."""
    shipped = json.loads((MODELS / "lungs.splits.json").read_text())["test"]
    first = {"jsrt", "openist", "covid_v7", "kermany_v7"}
    names = sorted(name.rpartition("/")[2] for name in shipped if name.partition("/")[0] in first)
    assert len(names) == 260
    digest = hashlib.sha256("\n".join(names).encode()).hexdigest()
    assert digest == "dd45c6827976f768f32a66b5f9433a21400316aa8fcfd91f4093f36dde949d1d"


@pytest.mark.parametrize(
    ("same", "error", "said"),
    [
        ({"jsrt512": "jsr"}, ConfigError, "'jsr', which is none of the sources jsrt, openist, jsrt512"),
        ({"jsrt512": "openist"}, DataError, "no image of one has the stem"),
        ({"jsrt512": "jsrt", "openist": "jsrt512"}, ConfigError, "name 'jsrt' for both"),
    ],
)
def test_same_patients_that_make_no_sense(cxrtk_data, same, error, said):
    """A mistake here would let a person train and test."""
    sources = {name: {"name": "image_mask_folder"} for name in ("jsrt", "openist", "jsrt512")}
    with pytest.raises(error, match=said):
        readers.create("several", root=cxrtk_data, sources=sources, same_patients=same)


@pytest.mark.parametrize(
    ("sources", "error", "said"),
    [
        ({}, ConfigError, "at least one source"),
        ({"a": {"root": "x"}}, ConfigError, "'a' has no 'name'"),
        ({"a": {"name": "nih_pgn", "root": "x"}}, PluginNotFound, "nih_png"),
    ],
)
def test_what_is_no_source(sources, error, said):
    """Each says what is missing."""
    with pytest.raises(error, match=said):
        readers.create("several", root="", sources=sources)


def test_a_path_of_no_source(several):
    """Is refused rather than guessed."""
    with pytest.raises(CxrReadError, match=r"x\.png: is in none of the sources jsrt, covid"):
        several.read("x.png")


def test_each_convention_is_named(several):
    """What the labels of a run are: both, not that of the first image."""
    assert DataLists(several).truth == "human masks, heart excluded; human masks, heart included"


def test_an_absolute_root_stands_for_itself(several, cxrtk_data, tmp_path):
    """Wherever the others are."""
    jsrt = {"name": "image_mask_folder", "root": str(cxrtk_data / "jsrt"), "heart": "excluded"}
    alone = readers.create("several", root=tmp_path, sources={"jsrt": jsrt})
    assert alone.items()[0]["image"] == several.items()[0]["image"]
