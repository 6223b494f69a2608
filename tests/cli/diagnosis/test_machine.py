"""The machine, the settings, and space."""

import platform
from collections import namedtuple
from pathlib import Path

import pytest

from cxrtk import __version__
from cxrtk.cli.diagnosis import machine
from cxrtk.cli.diagnosis.finding import BROKEN, NOTE, OK


def test_versions_and_folders(tmp_path, monkeypatch):
    """The versions of cxrtk and Python are listed, and three folders that cxrtk writes to."""
    monkeypatch.chdir(tmp_path)
    found = {each.name: each for each in machine.examine()}
    assert found["cxrtk"].detail.startswith(__version__)
    assert found["Python"].detail.startswith(platform.python_version())
    assert str(tmp_path) in found["free space, here"].detail


def test_a_secret_of_the_environment_is_not_shown(monkeypatch):
    """Only the fact that it is set is shown; paths and names of backends are printed."""
    monkeypatch.setenv("CXRTK_DICOMWEB_PASSWORD", "hush")
    monkeypatch.setenv("CXRTK_BACKEND", "torch")
    found = {each.name: each.detail for each in machine.environment()}
    assert found["CXRTK_DICOMWEB_PASSWORD"] == "set" and found["CXRTK_BACKEND"] == "torch"


@pytest.mark.parametrize(
    ("mode", "tunables", "found"),
    [
        ("madvise", "", [(NOTE, "on request, and not requested")]),
        ("madvise", "glibc.malloc.hugetlb=1", [(OK, "requested")]),
        ("always", "", [(OK, "always")]),
        ("never", "", [(OK, "never")]),
        ("", "", []),
    ],
)
def test_huge_pages(monkeypatch, mode, tunables, found):
    """If the system gives them on request only, the entry says how to request them."""
    monkeypatch.setattr(machine.pages, "mode", lambda: mode)
    monkeypatch.setenv("GLIBC_TUNABLES", tunables)
    entries = list(machine.huge_pages())
    assert [(each.state, each.detail) for each in entries] == found
    assert all(
        ("GLIBC_TUNABLES=glibc.malloc.hugetlb=1" in each.cure) == (each.state == NOTE) for each in entries
    )


def test_settings_that_cannot_be_read_are_broken(monkeypatch, tmp_path):
    """The entry gives the reason."""
    monkeypatch.setenv("CXRTK_SETTINGS", str(tmp_path / "none.toml"))
    assert machine.settings().state == BROKEN
    (tmp_path / "none.toml").write_text("[all]\nquiet = true\n")
    assert (machine.settings().state, machine.settings().detail) == (OK, str(tmp_path / "none.toml"))


def test_little_space_is_noted(monkeypatch):
    """A folder that is not there yet counts as the one above it."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: usage(1, 1, int(5e8)))
    found = machine.free_space("cache", Path("/tmp/not/there"))
    assert found.state == NOTE and found.detail == "0.5 GB at /tmp/not/there" and found.cure
