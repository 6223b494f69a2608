"""One folder a run, never one for two."""

import logging
import re
from pathlib import Path

import pytest

from cxrtk import ConfigError
from cxrtk.training import checkpoint_to_evaluate, new_run


def test_the_default_name_is_config_and_time(tmp_path):
    """``unet_cxr-20250131-235959`` under the output folder, which is made."""
    folder = Path(new_run(str(tmp_path / "runs"), "unet_cxr"))
    assert folder.is_dir() and folder.parent == tmp_path / "runs"
    assert re.fullmatch(r"unet_cxr-20\d{6}-\d{6}", folder.name)


def test_runs_of_one_second_do_not_share_a_folder(tmp_path):
    """Five runs at once have five folders."""
    folders = [new_run(str(tmp_path), "unet_cxr") for _ in range(5)]
    assert len(set(folders)) == 5 and all(Path(folder).is_dir() for folder in folders)


def test_a_name_of_ones_own(tmp_path):
    """It is taken as it is."""
    assert new_run(str(tmp_path), "unet_cxr", "first try") == str(tmp_path / "first try")


def test_a_name_that_is_taken_is_refused(tmp_path):
    """The other run's files stay as they are."""
    file = Path(new_run(str(tmp_path), "unet_cxr", "mine")) / "best.pt"
    file.write_bytes(b"precious")
    with pytest.raises(ConfigError, match=r"mine: there is a run of this name; choose another --run_name"):
        new_run(str(tmp_path), "unet_cxr", "mine")
    assert file.read_bytes() == b"precious"


def test_an_output_folder_that_is_a_file_is_refused(tmp_path):
    """One line that names the folder."""
    (tmp_path / "runs").write_text("")
    with pytest.raises(ConfigError, match=r"runs.*: cannot make the run's folder: Not a directory"):
        new_run(str(tmp_path / "runs"), "unet_cxr")


def test_the_log_says_how_to_watch(tmp_path, caplog):
    """The TensorBoard command, with the folder of all runs."""
    with caplog.at_level(logging.INFO, "cxrtk"):
        folder = new_run(str(tmp_path), "unet_cxr")
    (record,) = caplog.records
    assert folder in record.message and f"tensorboard --logdir {tmp_path}" in record.message


def test_a_checkpoint_that_is_there_is_used(tmp_path):
    """Its path comes back unchanged."""
    (tmp_path / "best.pt").write_bytes(b"")
    assert checkpoint_to_evaluate(str(tmp_path / "best.pt")) == str(tmp_path / "best.pt")


@pytest.mark.parametrize(("name", "named"), [("", "none is named"), ("nowhere.pt", "nowhere.pt")])
def test_no_checkpoint_is_an_error_that_says_what_to_add(monkeypatch, tmp_path, name, named):
    """Neither an empty name nor a file that is not there is evaluated."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=rf"{named}.*add --checkpoint runs/<run>/best\.pt"):
        checkpoint_to_evaluate(name)
