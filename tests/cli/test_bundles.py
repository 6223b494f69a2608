"""`cxrtk bundles`: the shipped configs, found away from the checkout too."""

import json
from pathlib import Path


def test_lists_every_config(cxrtk_command):
    """Each shipped config has a row, and its path exists."""
    paths = json.loads(cxrtk_command("bundles", "--json").out)
    assert {"unet_cxr", "basic_unet", "human_masks", "evaluate"} <= paths.keys()
    assert all(json.loads(Path(path).read_text()) for path in paths.values())
    table = cxrtk_command("bundles").out
    assert all(name in table and path in table for name, path in paths.items())


def test_prints_one_path(cxrtk_command):
    """For a name, only the path is printed, as `$(cxrtk bundles unet_cxr)` needs it."""
    out = cxrtk_command("bundles", "unet_cxr").out
    assert out.count("\n") == 1
    assert json.loads(Path(out.strip()).read_text())["config_name"] == "unet_cxr"


def test_works_from_anywhere(fresh_python):
    """Another working directory finds the same files."""
    ended = fresh_python("-m", "cxrtk", "bundles", "unet_cxr")
    assert ended.code == 0 and Path(ended.out.strip()).is_file()


def test_an_unknown_name(cxrtk_command):
    """A name that is not there ends with code 2 and the names that are."""
    ended = cxrtk_command("bundles", "unet")
    assert ended.code == 2 and "unet_cxr" in ended.err
