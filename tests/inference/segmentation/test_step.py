"""The step that segments: files of the image's size, and a writer that refuses one of several formats."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError, Job, Radiograph, inference, pixels
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.model_file import read_model

ENDINGS = (".json", ".png", "_labels.png", "_preview.jpg", "_probabilities.npz")


@pytest.fixture(scope="module")
def segmenter(model_file):
    return Segmenter(read_model(model_file))


def step(segmenter, formats=("png", "json", "csv"), **about):
    return inference.SegmentStep(segmenter, inference.SegmentationWriter(formats, **about))


def jobs(cxrtk_data, folder, count=2):
    """Some radiographs of different sizes."""
    paths = sorted((cxrtk_data / "openist" / "images").iterdir())[:count]
    return [Job({"image": str(path)}, path.name, pixels.read(path), folder / path.stem) for path in paths]


def test_files_and_rows(segmenter, cxrtk_data, tmp_path):
    """All formats of each, at the image's size; measures and quality in the row."""
    batch = jobs(cxrtk_data, tmp_path)
    outcomes = step(segmenter, preview=True, probabilities=True)(batch)
    for job, outcome in zip(batch, outcomes, strict=True):
        assert sorted(path.name for path in outcome.files) == [job.stem.name + ending for ending in ENDINGS]
        mask, labels = (np.asarray(Image.open(f"{job.stem}{ending}")) for ending in (".png", "_labels.png"))
        assert mask.shape == labels.shape == job.radiograph.pixels.shape
        assert set(np.unique(mask)) <= {0, 255} and set(np.unique(labels)) <= {0, 1, 2, 3}
        assert ((mask > 0) == np.isin(labels, (1, 2))).all()
        assert outcome.status == "ok" and set(outcome.row) == {"measures", "quality"}


def test_a_format_that_cannot_be_written_fails_and_the_others_are_there(segmenter, cxrtk_data, tmp_path):
    """A PNG has no place in a DICOM study."""
    (job,) = jobs(cxrtk_data, tmp_path, 1)
    (outcome,) = step(segmenter, ("png", "dicom-seg"))([job])
    assert outcome.status == "failed" and outcome.reason
    assert outcome.row["measures"] and {path.suffix for path in outcome.files} == {".png"}


def test_settings_say_what_decides_the_files(segmenter):
    """The model by its digest; another threshold is another setting."""
    settings = step(segmenter).settings()
    assert settings["model"]["sha256"] == segmenter.about["sha256"]
    assert (settings["threshold"], settings["postprocess"], settings["writers"]) == (
        segmenter.threshold,
        True,
        ["png", "json", "csv"],
    )


def test_nothing_to_write_is_refused():
    """An empty list of formats would do the work for nothing."""
    with pytest.raises(ConfigError, match="Nothing is to be written"):
        inference.SegmentationWriter([""])


def test_a_radiograph_made_in_memory(segmenter, tmp_path):
    """Needs no file."""
    ramp = Radiograph(np.linspace(0, 1, 64 * 48, dtype=np.float32).reshape(64, 48))
    (outcome,) = step(segmenter)([Job({"image": "x.png"}, "x.png", ramp, tmp_path / "x")])
    assert (tmp_path / "x.png") in outcome.files and isinstance(outcome.files[0], Path)


@pytest.mark.parametrize(("of_table", "of_file", "view"), [("PA", None, "PA"), ("PA", "AP", "AP")])
def test_the_view_of_a_table_counts_where_the_file_states_none(
    segmenter, cxrtk_data, tmp_path, of_table, of_file, view
):
    """As the NIH's table does; JSON says it."""
    (job,) = jobs(cxrtk_data, tmp_path, 1)
    stated = {} if of_file is None else {"ViewPosition": of_file}
    radiograph = replace(job.radiograph, meta={**job.radiograph.meta, **stated})
    step(segmenter)([replace(job, item={**job.item, "view": of_table}, radiograph=radiograph)])
    assert json.loads(Path(f"{job.stem}.json").read_text())["radiograph"]["ViewPosition"] == view
