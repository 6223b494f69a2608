"""Temporary folders: nobody else reads them, and none is left."""

import os
import stat
import subprocess
import sys
import tempfile
import time

import pytest

from cxrtk.dicomweb.scratch import NEW_SECONDS, PREFIX, scratch


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_folder_for_this_user(tmp_path):
    """It is there within the block, with whatever is in it, and not after it."""
    with scratch() as folder:
        assert folder.parent == tmp_path and stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "a").mkdir()
    assert list(tmp_path.iterdir()) == []


def age(folder):
    """Make a folder older than new ones are."""
    before = time.time() - NEW_SECONDS - 1
    os.utime(folder, (before, before))


def test_the_folder_of_a_killed_process_goes(tmp_path):
    """The next one removes it; those of living processes, new ones and links stay."""
    code = (
        "import os, signal\nfrom cxrtk.dicomweb.scratch import scratch\nwith scratch() as folder:\n"
        "    (folder / 'patient.dcm').touch()\n    print(folder, flush=True)\n    os.kill(os.getpid(), 9)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    (dead,) = tmp_path.iterdir()
    assert ended.returncode == -9 and (dead / "patient.dcm").exists()
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path)
    with scratch() as living:
        assert dead.exists()  # too new to tell
        age(dead)
        age(living)
        with scratch():
            assert living.exists() and not dead.exists() and (tmp_path / f"{PREFIX}link").is_symlink()
