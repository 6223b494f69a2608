"""`cxrtk doctor`: what it prints, and the code that it ends with."""

import json

import pytest

from cxrtk.cli.diagnosis import examine
from cxrtk.cli.diagnosis.finding import BROKEN, MISSING, OK, Finding


@pytest.fixture
def sections(monkeypatch):
    """A function that puts findings in the place of a look at this machine."""

    def put(*findings):
        monkeypatch.setattr(examine, "SECTIONS", {"packages": lambda: list(findings)})

    return put


def test_what_is_missing_is_no_failure(cxrtk_command, sections):
    """It is printed with what it is for and how to get it; the code is 0."""
    sections(
        Finding(OK, "torch", "2.13"),
        Finding(MISSING, "ray", "not installed, for --runner ray", "pip install ray"),
    )
    ended = cxrtk_command("doctor")
    assert ended.code == 0 and ended.out.splitlines()[-1] == "nothing is broken"
    (row,) = (line for line in ended.out.splitlines() if line.startswith("missing"))
    assert " ".join(row.split()) == "missing ray not installed, for --runner ray pip install ray"


def test_what_is_broken_is_told_last_and_ends_with_1(cxrtk_command, sections):
    """A script can detect the failure by the exit code."""
    sections(Finding(BROKEN, "torch", "not installed", "install it"), Finding(OK, "monai", "1.6"))
    ended = cxrtk_command("doctor")
    assert (ended.code, ended.out.splitlines()[-1]) == (1, "broken: torch: not installed; install it")


def test_for_programs(cxrtk_command, sections):
    """All fields of each finding, by section."""
    sections(Finding(BROKEN, "torch", "not installed", "install it"))
    ended = cxrtk_command("doctor", "--json")
    row = {"state": "broken", "name": "torch", "detail": "not installed", "cure": "install it"}
    assert (ended.code, json.loads(ended.out)) == (1, {"packages": [row]})


@pytest.mark.slow
def test_on_this_machine(cxrtk_command):
    """Nothing of the environment in which the tests run is broken, and every section has findings."""
    ended = cxrtk_command("doctor", "--json")
    found = json.loads(ended.out)
    assert ended.code == 0 and all(found.values())
    assert "packages" in found and {each["state"] for each in found["plugins"]} <= {"ok", "note"}
