"""A folder that is named is used; without one, the phantom sample."""

import logging
from pathlib import Path

import pytest

from cxrtk import DataError, phantom
from cxrtk.data import dataset_or_sample, sources


@pytest.fixture
def samples(monkeypatch, tmp_path):
    """The folders that the sample was asked to be written to."""
    asked: list[Path] = []

    def sample(folder):
        asked.append(folder)
        return tmp_path / "drawn"

    monkeypatch.setattr(phantom, "sample", sample)
    return asked


def test_a_named_folder_is_used_as_it_is(samples, tmp_path):
    """No sample is made where the user names data."""
    assert dataset_or_sample(str(tmp_path)) == str(tmp_path)
    assert samples == []


def test_without_a_folder_the_sample_is_used_and_said_in_one_line(samples, tmp_path, caplog):
    """It lies under data/ of the working directory; one line says that it is the sample."""
    with caplog.at_level(logging.INFO, "cxrtk"):
        assert dataset_or_sample("") == str(tmp_path / "drawn")
    assert samples == [Path("data/phantom")]
    (record,) = caplog.records
    assert "sample" in record.message and "--dataset_dir" in record.message and "\n" not in record.message


def test_a_folder_that_is_not_there_is_an_error(samples, tmp_path):
    """A mistyped folder must not end in training on the sample."""
    with pytest.raises(DataError, match=r"nowhere: no such folder; check --dataset_dir"):
        dataset_or_sample(str(tmp_path / "nowhere"))
    assert samples == []


def test_a_classifier_gets_the_sample_that_has_findings(monkeypatch, tmp_path):
    """Another folder, with boxes, drawn by the phantom's own writer; here with fewer images."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sources, "FINDINGS_COUNT", 4)
    monkeypatch.setattr(sources, "FINDINGS_SIZE", 128)
    folder = Path(dataset_or_sample("", findings=True))
    assert folder == Path("data/phantom_findings")
    assert len(list((folder / "images").iterdir())) == 4
    assert (folder / "BBox_List_2017.csv").is_file()
