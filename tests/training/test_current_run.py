"""The run as the work of this process: new ones keep a record, reopened ones only once they are confirmed."""

import pytest

from cxrtk.process.work import Current
from cxrtk.training import open_run, record
from cxrtk.training.current_run import Reopened, Run, confirm


def test_a_run_has_progress_once_there_is_a_checkpoint(tmp_path):
    """From then on, a line states how to continue."""
    assert not Run(tmp_path).has_progress()
    (tmp_path / "checkpoint_epoch=1.pt").touch()
    assert Run(tmp_path).has_progress()
    assert not Reopened(tmp_path).has_progress()  # the same command would be refused again


def test_a_new_run_has_nothing_to_confirm(tmp_path):
    """It is recorded already."""
    folder = tmp_path / "mine"
    open_run(str(tmp_path), "unet_cxr", "mine")
    before = (folder / "run.json").read_bytes()
    confirm(folder)
    assert (folder / "run.json").read_bytes() == before
    assert Current.work == Run(folder) and len(record.read(folder)["commands"]) == 1


CHECKED = """
from cxrtk.training import open_run, record
from cxrtk.training.current_run import Run, confirm
from pathlib import Path
import sys

folder = open_run("runs", "unet_cxr")
if "confirm" in sys.argv:
    confirm(Path(folder))
if "failed" in sys.argv:
    Run(Path(folder)).ended("failed", "no space left")
"""


@pytest.mark.parametrize(("what", "kept"), [("", False), ("confirm", True), ("failed", True)])
def test_a_run_in_which_nothing_began_leaves_nothing(fresh_python, tmp_path, what, kept):
    """MONAI's checks open a run and train nothing; one that began, and one that failed, are kept."""
    ended = fresh_python("-c", CHECKED, what)
    assert ended.code == 0, ended.err
    assert any(tmp_path.iterdir()) == kept
