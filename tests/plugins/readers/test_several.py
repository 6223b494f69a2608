"""Several data sets as one: every item by its own reader, no patient of two sources mistaken for one."""

import numpy as np
import pytest

from cxrtk import ConfigError, CxrReadError, PluginNotFound, readers
from cxrtk.data import DataLists, split_by_patient


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
