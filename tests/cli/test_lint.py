"""`cxrtk lint`: exit codes, one issue a line, JSON."""

import json

import pytest

from cxrtk.bundles import shipped


@pytest.mark.parametrize(
    ("bundles", "line"),
    [
        (["unet_cxr"], "1 file, no issues"),
        (["unet_cxr", "human_masks", "evaluate"], "3 files, no issues"),
        ([shipped()["unet_cxr"]], "1 file, no issues"),
    ],
)
def test_no_issues(cxrtk_command, bundles, line):
    """Without issues it says so in one line and ends with 0; names and paths both do."""
    ended = cxrtk_command("lint", *bundles)
    assert (ended.code, ended.out, ended.err) == (0, f"{line}\n", "")


def test_issues(cxrtk_command, tmp_path):
    """Issues come one a line on stdout, and the code is 2."""
    config = tmp_path / "a.json"
    config.write_text('{\n"run": ["$@x"],\n"y": 1\n}')
    ended = cxrtk_command("lint", config)
    assert ended.code == 2 and not ended.err
    assert [line.split(": ")[0] for line in ended.out.splitlines()] == [f"{config}:2", f"{config}:3"]


def test_set(cxrtk_command):
    """--set is linted with the config, and named as the place."""
    ended = cxrtk_command("lint", "unet_cxr", "--set", "max_epohcs=3")
    assert ended.code == 2
    assert ended.out.startswith("--set: max_epohcs: ") and "did you mean 'max_epochs'?" in ended.out
    assert cxrtk_command("lint", "unet_cxr", "--set", "max_epochs=3").code == 0


def test_json(cxrtk_command, tmp_path):
    """--json prints a list of findings, empty if there are none."""
    ended = cxrtk_command("lint", tmp_path / "none.json", "--json")
    (issue,) = json.loads(ended.out)
    assert ended.code == 2 and issue["what"] == "no such file" and issue["kind"] == "error"
    assert json.loads(cxrtk_command("lint", "unet_cxr", "--json").out) == []


def test_allow_code(cxrtk_command, tmp_path):
    """--allow-code lets foreign code pass, and nothing else."""
    config = tmp_path / "a.json"
    config.write_text('{"imports": ["$import subprocess"], "run": ["$subprocess.run([\'true\'])"]}')
    assert cxrtk_command("lint", config).code == 2
    assert cxrtk_command("lint", config, "--allow-code").code == 0


def test_an_overlay_alone(cxrtk_command):
    """An overlay without its base is told what it lacks, and how to name the base."""
    ended = cxrtk_command("lint", "basic_unet")
    assert ended.code == 2 and "cxrtk lint unet_cxr" in ended.out.splitlines()[0]
