"""Huge pages: what the system says, and the request for processes that are started."""

import os
import subprocess
import sys

import pytest

from cxrtk.process import huge_pages

SHOW = [sys.executable, "-c", "import os; print(os.environ.get('GLIBC_TUNABLES'))"]


@pytest.mark.parametrize("mode", ["always", "madvise", "never"])
def test_the_mode_is_the_one_in_brackets(monkeypatch, tmp_path, mode):
    """Linux lists all three."""
    (tmp_path / "enabled").write_text("always madvise never\n".replace(mode, f"[{mode}]"))
    monkeypatch.setattr(huge_pages, "SYSTEM", tmp_path / "enabled")
    monkeypatch.setattr(huge_pages.platform, "libc_ver", lambda: ("glibc", "2.35"))
    assert huge_pages.mode() == mode


@pytest.mark.parametrize("library", [("glibc", "2.34"), ("", ""), ("musl", "1.2.5")])
def test_no_mode_with_another_c_library(monkeypatch, tmp_path, library):
    """Huge pages cannot be requested by the tunable then."""
    (tmp_path / "enabled").write_text("always [madvise] never\n")
    monkeypatch.setattr(huge_pages, "SYSTEM", tmp_path / "enabled")
    monkeypatch.setattr(huge_pages.platform, "libc_ver", lambda: library)
    assert huge_pages.mode() == ""


def test_no_mode_on_another_system(monkeypatch, tmp_path):
    """It has no such file."""
    monkeypatch.setattr(huge_pages, "SYSTEM", tmp_path / "none")
    assert huge_pages.mode() == ""


@pytest.mark.parametrize(
    ("before", "there"),
    [
        (None, "glibc.malloc.hugetlb=1"),
        ("", "glibc.malloc.hugetlb=1"),
        ("glibc.malloc.check=1", "glibc.malloc.check=1:glibc.malloc.hugetlb=1"),
        ("glibc.malloc.hugetlb=0", "glibc.malloc.hugetlb=0"),
    ],
)
def test_processes_that_are_started_request_them(monkeypatch, before, there):
    """What the user set is kept, decides, and is there again afterwards, also after an error."""
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    if before is not None:
        monkeypatch.setenv("GLIBC_TUNABLES", before)
    with pytest.raises(ZeroDivisionError), huge_pages.requested_for_children():
        assert subprocess.run(SHOW, stdout=subprocess.PIPE, text=True).stdout.strip() == there
        raise ZeroDivisionError
    assert os.environ.get("GLIBC_TUNABLES") == before


@pytest.mark.parametrize(
    ("tunables", "requested"),
    [("", False), ("glibc.malloc.hugetlb=10", False), ("glibc.a=0:glibc.malloc.hugetlb=1", True)],
)
def test_whether_this_process_requests_them(monkeypatch, tunables, requested):
    """The variable holds tunables, separated by colons."""
    monkeypatch.setenv("GLIBC_TUNABLES", tunables)
    assert huge_pages.requested() is requested
