"""One folder a run, never one for two; and the way back into one."""

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from monai.bundle import ConfigWorkflow

from cxrtk import ConfigError
from cxrtk.process import lock
from cxrtk.process.machine import versions
from cxrtk.process.work import Current
from cxrtk.training import checkpoint_to_evaluate, open_run, record
from cxrtk.training.current_run import Reopened, confirm
from cxrtk.training.runs import Run, close_run, latest_run

NO_RUN = "is not a run; name the folder of one, or use latest, or leave it out"


def made(output_dir: Path, name: str, config: str = "unet_cxr", epochs: int = 3, **changes: object) -> Path:
    """A run of another process that has ended."""
    folder = Path(open_run(str(output_dir), config, name, max_epochs=epochs))
    record.update(folder, changes)
    lock.release(folder)
    return folder


def resume(output_dir: Path, resume_from: object, config: str = "unet_cxr", epochs: int = 3) -> Path:
    """Open a run and confirm it, as the keeper of its checkpoints does when they fit."""
    folder = Path(open_run(str(output_dir), config, "", resume_from, epochs))  # type: ignore[arg-type]
    confirm(folder)
    return folder


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and time of change of every file, and the times of the folder itself."""
    found = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    return {**found, ".": (b"", folder.stat().st_mtime_ns)}


def test_the_default_name_is_config_and_time(tmp_path):
    """``unet_cxr-20250131-235959`` under the output folder, which is made."""
    folder = Path(open_run(str(tmp_path / "runs"), "unet_cxr"))
    assert folder.is_dir() and folder.parent == tmp_path / "runs"
    assert re.fullmatch(r"unet_cxr-20\d{6}-\d{6}", folder.name)


def test_runs_of_one_second_do_not_share_a_folder(tmp_path):
    """Five runs at once have five folders, and five numbers."""
    folders = [open_run(str(tmp_path), "unet_cxr") for _ in range(5)]
    assert len(set(folders)) == 5 and all(Path(folder).is_dir() for folder in folders)
    assert [record.read(Path(folder))["number"] for folder in folders] == [1, 2, 3, 4, 5]


def test_a_new_run_is_locked_recorded_and_known(tmp_path, monkeypatch):
    """It is this process's, running, with the command that was typed."""
    monkeypatch.setattr(sys, "argv", ["cxrtk", "train", "-b", "unet_cxr"])
    folder = Path(open_run(str(tmp_path), "unet_cxr", "mine", max_epochs=7))
    assert lock.is_locked(folder) and Current.work == Run(folder)
    about = record.read(folder)
    assert (about["status"], about["max_epochs"], about["config_name"]) == ("running", 7, "unet_cxr")
    assert about["commands"][0][-3:] == ["train", "-b", "unet_cxr"]


def test_a_name_of_ones_own(tmp_path):
    """It is taken as it is."""
    assert open_run(str(tmp_path), "unet_cxr", "first try") == str(tmp_path / "first try")


def test_a_name_that_is_taken_is_refused(tmp_path):
    """The other run's files stay as they are; the way to go on with it is named."""
    folder = made(tmp_path, "mine")
    (folder / "best.pt").write_bytes(b"precious")
    before = contents(folder)
    with pytest.raises(
        ConfigError, match=r"a run of this name already exists; choose another --run_name"
    ) as caught:
        open_run(str(tmp_path), "unet_cxr", "mine")
    assert f"--resume_from {folder}" in str(caught.value)
    assert contents(folder) == before


def test_an_output_folder_that_is_a_file_is_refused(tmp_path):
    """One line that names the folder."""
    (tmp_path / "runs").write_text("")
    with pytest.raises(ConfigError, match=r"runs.*: cannot make the run's folder: Not a directory"):
        open_run(str(tmp_path / "runs"), "unet_cxr")


def test_an_output_folder_that_cannot_be_written_is_refused(monkeypatch, tmp_path):
    """It is refused at once, not after the first epoch."""

    # Patched, since root may write anywhere.
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ConfigError, match="cannot make the run's folder: Permission denied") as caught:
        open_run(str(tmp_path), "unet_cxr")
    assert caught.value.exit_code == 2


def test_the_log_says_how_to_watch(tmp_path, caplog):
    """The TensorBoard command, with the folder of all runs."""
    with caplog.at_level(logging.INFO, "cxrtk"):
        folder = open_run(str(tmp_path), "unet_cxr")
    (line,) = caplog.records
    assert folder in line.message and f"tensorboard --logdir {tmp_path}" in line.message


@pytest.mark.parametrize("by", ["path", "name", "latest"])
def test_a_run_goes_on_by_path_by_name_and_as_the_latest(tmp_path, by):
    """The same folder, locked, running, and with the second command beside the first."""
    made(tmp_path, "older")
    folder = made(tmp_path, "mine", epoch=1, status="stopped", reason="SIGTERM")
    assert resume(tmp_path, {"path": str(folder), "name": "mine", "latest": "latest"}[by], epochs=9) == folder
    about = record.read(folder)
    assert (about["status"], about["reason"], about["max_epochs"]) == ("running", None, 9)
    assert len(about["commands"]) == 2 and about["number"] == 2
    assert lock.is_locked(folder) and Current.work == Run(folder)


def test_a_run_is_not_changed_before_it_is_confirmed(tmp_path):
    """Not one byte or time of change but the lock's, also where the training is refused or fails then."""
    folder = made(tmp_path, "mine", epoch=1, status="stopped", reason="SIGTERM")
    (folder / ".7.best.pt").write_bytes(b"half")
    before = {name: each for name, each in contents(folder).items() if name not in (".", ".lock")}
    assert open_run(str(tmp_path), "unet_cxr", "", "mine", 9) == str(folder)
    assert lock.is_locked(folder) and isinstance(Current.work, Reopened)
    Current.work.ended("failed", "other settings")
    after = {name: each for name, each in contents(folder).items() if name not in (".", ".lock")}
    assert after == before and not lock.is_locked(folder)


def test_only_the_run_that_was_opened_is_confirmed(tmp_path):
    """Another folder is left alone, and confirming twice adds no second command."""
    other, folder = made(tmp_path, "other"), made(tmp_path, "mine")
    open_run(str(tmp_path), "unet_cxr", "", "mine", 9)
    confirm(other)
    assert record.read(folder)["max_epochs"] == 3
    confirm(folder)
    confirm(folder)
    assert len(record.read(folder)["commands"]) == 2


def test_the_latest_is_of_this_config_and_by_number(tmp_path):
    """Runs of other configs, newer files and later names do not matter."""
    for name, config in [("z", "unet_cxr"), ("a", "unet_cxr"), ("y", "basic_unet")]:
        made(tmp_path, name, config)
    os.utime(tmp_path / "z" / "run.json", (4e9, 4e9))
    assert resume(tmp_path, "latest") == tmp_path / "a"
    assert latest_run(tmp_path) == tmp_path / "y"


@pytest.mark.parametrize("config", ["unet_cxr", "other"])
def test_there_is_no_latest_yet(tmp_path, config):
    """It says of which config, and where."""
    if config == "other":
        made(tmp_path, "mine")
    with pytest.raises(ConfigError, match=rf"latest: there is no run of {config} in {tmp_path} yet"):
        resume(tmp_path, "latest", config)


@pytest.mark.parametrize("value", ["false", "False", "no", "0", " ", "nowhere", False, True, 0, 1, None])
def test_what_is_no_run_is_refused(tmp_path, value):
    """MONAI hands ``--resume_from false`` over as a text: it must neither resume nor begin a run."""
    made(tmp_path, "mine")
    with pytest.raises(ConfigError, match=NO_RUN):
        resume(tmp_path, value)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    """One with checkpoints of something else, say."""
    (tmp_path / "old").mkdir()
    with pytest.raises(ConfigError, match=NO_RUN):
        resume(tmp_path, str(tmp_path / "old"))


@pytest.mark.parametrize(("asked", "done"), [(3, 3), (3, 2), (2, 2)], ids=["same", "stopped early", "fewer"])
def test_a_complete_run_is_left_alone(tmp_path, capsys, asked, done):
    """Exit code 0, one line, and not one byte or time of change in its folder."""
    folder = made(tmp_path, "mine", status="complete", epoch=done)
    before = contents(folder)
    with pytest.raises(SystemExit) as ended:
        resume(tmp_path, "mine", epochs=asked)
    assert ended.value.code == 0
    assert f"{folder} is already complete: {done} of 3 epochs" in capsys.readouterr().err
    assert contents(folder) == before and not lock.is_locked(folder)


def test_a_complete_run_goes_on_with_more_epochs(tmp_path):
    """This extends a training."""
    folder = made(tmp_path, "mine", status="complete", epoch=3)
    assert resume(tmp_path, "mine", epochs=4) == folder


@pytest.mark.parametrize("status", ["complete", "stopped", "running"])
def test_fewer_epochs_than_there_are_is_refused(tmp_path, status):
    """Both numbers are said, and nothing is touched."""
    folder = made(tmp_path, "mine", status=status, epoch=2)
    before = contents(folder)
    with pytest.raises(ConfigError, match="has 2 epochs already, more than --max_epochs 1"):
        resume(tmp_path, "mine", epochs=1)
    assert contents(folder) == before


HOLD = (
    "import sys; from pathlib import Path; from cxrtk.process import lock; lock.acquire(Path(sys.argv[1])); "
)


def test_a_run_that_another_process_trains_is_refused(tmp_path):
    """Its record still belongs to the other process."""
    folder = made(tmp_path, "mine")
    wait = "print(1, flush=True); sys.stdin.readline()"
    command = [sys.executable, "-c", HOLD + wait, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline()
        before = contents(folder)
        with pytest.raises(ConfigError, match=f"another training runs in this folder .process {other.pid} "):
            resume(tmp_path, "mine")
        assert contents(folder) == before
        other.kill()


def test_what_a_killed_process_left_is_swept(tmp_path, caplog):
    """Half-written files go, all others stay."""
    folder = made(tmp_path, "mine")
    stay = {"best.pt", "checkpoint_epoch=1.pt", ".lock", "run.json", ".notes"}
    for name in ("best.pt", "checkpoint_epoch=1.pt", ".notes", ".123.best.pt", ".7.checkpoint_epoch=2.pt"):
        (folder / name).write_bytes(b"x")
    with caplog.at_level(logging.INFO, "cxrtk"):
        resume(tmp_path, "mine")
    assert {path.name for path in folder.iterdir()} == stay
    assert "Removed 2 half-written files" in caplog.text


def test_other_versions_are_said(tmp_path, caplog):
    """The result may differ then; the record has those of now."""
    folder = made(tmp_path, "mine", versions={"torch": "1.0"})
    resume(tmp_path, "mine")
    assert "was started with different versions of packages" in caplog.text
    assert record.read(folder)["versions"] == versions()


def test_the_same_versions_are_not_worth_a_word(tmp_path, caplog):
    """No warning where nothing has changed."""
    made(tmp_path, "mine")
    resume(tmp_path, "mine")
    assert [line.message for line in caplog.records if line.levelno >= logging.WARNING] == []


def test_a_run_that_is_closed_is_complete_and_free(tmp_path):
    """The next process may take it."""
    folder = Path(open_run(str(tmp_path), "unet_cxr", "mine"))
    close_run(str(folder))
    assert record.read(folder)["status"] == "complete"
    assert not lock.is_locked(folder) and Current.work is None


def test_the_end_is_noted_where_there_is_a_run(tmp_path):
    """A signal before the run was made has nothing to note."""
    assert Current.work is None
    Run(tmp_path).ended("stopped", "SIGTERM")
    assert list(tmp_path.iterdir()) == []
    folder = Path(open_run(str(tmp_path), "unet_cxr", "mine"))
    Current.work.ended("stopped", "SIGTERM")
    about = record.read(folder)
    assert (about["status"], about["reason"]) == ("stopped", "SIGTERM")


def test_a_bundles_config_is_kept_as_it_was_run(tmp_path):
    """Merged from file and command line, with its expressions unevaluated: it can be run again."""
    call = "$cxrtk.training.open_run(@output_dir, 'mine', 'a')"
    config = {"imports": ["$import cxrtk"], "output_dir": "x", "unused": "$1 + 1", "run_dir": call}
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({**config, "initialize": [], "run": ["$@run_dir"], "finalize": []}))
    override = {"output_dir": str(tmp_path / "runs")}
    workflow = ConfigWorkflow(
        str(file), meta_file=None, logging_file=False, workflow_type="train", **override
    )
    workflow.initialize()
    workflow.run()
    kept = json.loads((tmp_path / "runs" / "a" / "config.json").read_text())
    assert {key: kept[key] for key in config} == {**config, **override}


def test_without_a_bundle_there_is_no_config(tmp_path):
    """A script of the user's own may open a run too."""
    folder = Path(open_run(str(tmp_path), "unet_cxr"))
    assert {path.name for path in folder.iterdir()} == {"run.json", ".lock"}


def test_a_checkpoint_that_is_there_is_used(tmp_path):
    """Its path comes back unchanged."""
    (tmp_path / "best.pt").write_bytes(b"")
    assert checkpoint_to_evaluate(str(tmp_path / "best.pt")) == str(tmp_path / "best.pt")


@pytest.mark.parametrize(("name", "named"), [("", "none is named"), ("nowhere.pt", "nowhere.pt")])
def test_no_checkpoint_is_an_error_that_says_what_to_add(monkeypatch, tmp_path, name, named):
    """An empty name and a missing file are both refused."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=rf"{named}.*add --checkpoint runs/<run>/best\.pt"):
        checkpoint_to_evaluate(name)
