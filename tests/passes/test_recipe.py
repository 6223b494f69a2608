"""A pass as plain values: another process makes the same of it."""

import pickle

import pytest

from cxrtk import ConfigError
from cxrtk.passes import ConvertStep, Options, inputs_of
from cxrtk.passes.recipe import Reading, Recipe


def test_another_process_makes_the_same(folder, tmp_path):
    """The step with its arguments, the readers with theirs."""
    reading = Reading(inputs_of([str(folder), str(folder / "4.png")]), arguments={"voi": "none"}, workers=2)
    recipe = Recipe("convert", {"form": "nii", "bits": 8}, reading, tmp_path / "out", Options(3))
    again = pickle.loads(pickle.dumps(recipe))
    assert again == recipe
    step = again.make_step()
    assert isinstance(step, ConvertStep) and (step.form, step.bits) == ("nii", 8)
    (_, below), (_, alone) = again.reading.sources()
    with below, alone:
        assert len(below.reader.items()) == 8
        assert [item["image"] for item in alone.reader.items()] == [str(folder / "4.png")]


def test_several_files_need_a_reader_of_files(folder):
    """A reader of folders says so, as one that does not take an argument."""
    files = inputs_of([str(folder / "4.png"), str(folder / "5.png")])
    with pytest.raises(ConfigError, match="takes one folder"):
        Reading(files, "nih_png").sources()
    with pytest.raises(ConfigError, match="no_such"):
        Reading(files, arguments={"no_such": 1}).sources()
