"""`cxrtk new`: what it writes works, passes its contract, and replaces nothing."""

import ast
import importlib
import os
from pathlib import Path

import pytest

from cxrtk.registry import registries

KINDS = ["readers", "masks", "networks", "metrics", "writers", "steps"]


@pytest.mark.parametrize("kind", KINDS)
def test_writes_two_small_files(cxrtk_command, tmp_path, kind):
    """A plugin of at most 25 lines and its test, each with the name filled in everywhere."""
    ended = cxrtk_command("new", kind, "my_first", "--folder", tmp_path / "mine")
    assert ended.code == 0
    plugin = tmp_path / "mine" / kind / "my_first.py"
    test = tmp_path / "mine" / "tests" / f"test_{kind}_my_first.py"
    assert sorted(path for path in (tmp_path / "mine").rglob("*") if path.is_file()) == sorted([plugin, test])
    for file in (plugin, test):
        text = file.read_text()
        ast.parse(text)
        assert len(text.splitlines()) <= 25
        assert "plugin_name" not in text and "PluginName" not in text
    for step in (str(plugin), str(test), "CXRTK_PLUGINS=", "pytest"):
        assert step in ended.out


@pytest.mark.slow
def test_what_it_writes_passes_its_contract(fresh_python, cxrtk_command, tmp_path):
    """A plugin of each kind, as written, is listed as ok and passes the tests written with it, unchanged."""
    for kind in KINDS:
        assert cxrtk_command("new", kind, "my_first", "--folder", tmp_path / "mine").code == 0
    environment = {"CXRTK_PLUGINS": tmp_path / "mine", "OMP_NUM_THREADS": 1}
    ended = fresh_python("-m", "pytest", "-q", "-p", "no:cacheprovider", "mine/tests", **environment)
    assert ended.code == 0, ended.out
    assert "passed" in ended.out and "skipped" not in ended.out
    listed = fresh_python("-m", "cxrtk", "plugins", "--check", **environment).out
    rows = [line.split() for line in listed.splitlines()]
    assert [row for row in rows if row[1] == "my_first"] == [
        [kind, "my_first", "CXRTK_PLUGINS", "ok"] for kind in KINDS
    ]


@pytest.mark.parametrize(
    "name", ["My_net", "my-net", "1net", "_net", "class", "net.py", "../net", "nét", "a b"]
)
def test_refuses_what_cannot_be_a_name(cxrtk_command, tmp_path, name):
    """A name that is no lower-case identifier ends with code 2 and writes nothing."""
    ended = cxrtk_command("new", "networks", name, "--folder", tmp_path / "mine")
    assert ended.code == 2
    assert ended.err.startswith("cxrtk: error: ") and "tiny_net" in ended.err
    assert not list(tmp_path.rglob("*.py"))


def test_refuses_an_empty_name(cxrtk_command, tmp_path):
    """An unset shell variable gives an empty name."""
    ended = cxrtk_command("new", "networks", "", "--folder", tmp_path / "mine")
    assert ended.code == 2 and not list(tmp_path.rglob("*.py"))
    assert ended.err == "cxrtk: error: NAME is empty; give a value, or leave it out.\n"


def test_refuses_a_name_that_is_taken(cxrtk_command, tmp_path):
    """A name of an existing plugin would conflict at once."""
    ended = cxrtk_command("new", "networks", "paper_unet", "--folder", tmp_path / "mine")
    assert (ended.code, list(tmp_path.rglob("*.py"))) == (2, [])
    assert "There is a networks plugin 'paper_unet' already" in ended.err


@pytest.mark.parametrize("existing", ["networks/mine.py", "tests/test_networks_mine.py"])
def test_overwrites_nothing(cxrtk_command, tmp_path, existing):
    """If one of the two files exists, neither is written."""
    file = tmp_path / existing
    file.parent.mkdir(parents=True)
    file.write_text("precious")
    ended = cxrtk_command("new", "networks", "mine", "--folder", tmp_path)
    assert ended.code == 2 and "not overwritten" in ended.err
    assert file.read_text() == "precious"
    assert list(tmp_path.rglob("*.py")) == [file]


@pytest.mark.parametrize("name", ["radiograph", "nn", "torch", "reader", "path", "any", "networks", "image"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_name_from_the_file_itself_works(cxrtk_command, plugin_folder, monkeypatch, kind, name):
    """A name that the file also uses for something else does not break it."""
    monkeypatch.chdir(plugin_folder.path.parent)
    assert cxrtk_command("new", kind, name, "--folder", os.fspath(plugin_folder.path)).code == 0
    importlib.invalidate_caches()
    arguments = {"root": str(plugin_folder.path)} if kind == "readers" else {}
    if kind == "readers":
        from PIL import Image

        Image.new("L", (16, 16)).save(plugin_folder.path / "a.png")
    assert registries[kind].create(name, **arguments) is not None


def test_the_guide_shows_what_is_written(cxrtk_command, tmp_path):
    """The plugin printed in docs/plugins.md is the one that `cxrtk new networks tiny_net` writes."""
    cxrtk_command("new", "networks", "tiny_net", "--folder", tmp_path)
    guide = Path(__file__).resolve().parents[2] / "docs" / "plugins.md"
    text = (tmp_path / "networks" / "tiny_net.py").read_text()
    assert f"```python\n{text}```" in guide.read_text(encoding="utf-8")
