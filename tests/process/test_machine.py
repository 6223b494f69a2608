"""The commit of a checkout, by git itself."""

import subprocess
from pathlib import Path

from cxrtk.process.machine import git_state


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    command = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_git_state_is_gits(tmp_path):
    """The commit, and whether a tracked file was changed since; a new file is no change."""
    assert git_state(tmp_path) is None
    git(tmp_path, "init")
    (tmp_path / "a.py").write_text("1")
    git(tmp_path, "add", "a.py")
    git(tmp_path, "commit", "-m", "a")
    (tmp_path / "new.txt").write_text("")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert git_state(tmp_path) == {"commit": commit, "changed": False}
    (tmp_path / "a.py").write_text("2")
    assert git_state(tmp_path) == {"commit": commit, "changed": True}


def test_without_git_there_is_no_git_state(tmp_path, monkeypatch):
    """A machine without the program trains all the same."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(tmp_path) is None
