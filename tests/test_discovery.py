"""Finding plugin files: folders, distributions, and what is passed over with a warning."""

import importlib
import logging
import sys
from pathlib import Path

import pytest

from cxrtk import discovery
from cxrtk.discovery import find

PLUGIN = "raise RuntimeError('this file must not be imported by looking for it')\n"


def names(kind: str, origin: str) -> list[str]:
    return [source.name for source in find(kind) if source.origin == origin]


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A function that puts a distribution on the path: its package's files, and its entry point."""

    def write(distribution: str, entry_point: str, files: dict[str, str]) -> Path:
        site = tmp_path / f"site-{distribution}"
        info = site / f"{distribution}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[cxrtk.plugins]\n{distribution} = {entry_point}\n")
        for name, text in files.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(text)
        monkeypatch.syspath_prepend(site)
        importlib.invalidate_caches()
        return site

    before = set(sys.modules)
    yield write
    for module in [name for name in set(sys.modules) - before if name.split(".")[0].startswith("acme")]:
        del sys.modules[module]


def test_a_dropped_in_file_is_found(plugin_folder):
    """A file in a folder of CXRTK_PLUGINS is a plugin, named by its path and not imported."""
    file = plugin_folder.write("networks", "tiny_net", PLUGIN)
    source = next(source for source in find("networks") if source.name == "tiny_net")
    assert source == ("tiny_net", "cxrtk.local.networks.tiny_net", file, "CXRTK_PLUGINS")


def test_a_package_is_a_plugin_too(plugin_folder):
    """A plugin of several files is a folder with an `__init__.py`."""
    plugin_folder.write("networks", "big_net/__init__", PLUGIN)
    assert names("networks", "CXRTK_PLUGINS") == ["big_net"]


@pytest.mark.parametrize("name", ["_shared", "notes.txt", "sub/inner"])
def test_what_is_no_plugin(plugin_folder, name):
    """Names with a leading underscore, other files and folders without `__init__.py` are no plugins."""
    plugin_folder.write("networks", name, PLUGIN)
    assert names("networks", "CXRTK_PLUGINS") == []


def test_kinds_are_apart(plugin_folder):
    """A file is of the kind whose folder it lies in."""
    plugin_folder.write("metrics", "mine", PLUGIN)
    assert [names(kind, "CXRTK_PLUGINS") for kind in discovery.KINDS] == [[], [], [], ["mine"], [], []]


def test_an_installed_folder_is_found(install):
    """An entry point of the group names a plugin folder, found under the distribution's name."""
    install("acme", "acme_a.plugins", {"acme_a/plugins/masks/acme_mask.py": PLUGIN, "acme_a/__init__.py": ""})
    source = next(source for source in find("masks") if source.origin == "acme")
    assert (source.name, source.module) == ("acme_mask", "acme_a.plugins.masks.acme_mask")


@pytest.mark.parametrize(
    ("init", "why"),
    [
        ("import a_package_nobody_has", "ModuleNotFoundError: No module named 'a_package_nobody_has'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit('bye')", "SystemExit: bye"),
        ("syntax error", "SyntaxError"),
    ],
)
def test_a_broken_package_is_a_warning(install, caplog, init, why):
    """A distribution whose package cannot be imported is passed over; the others are found."""
    install("acme", "acme_b.plugins", {"acme_b/__init__.py": init, "acme_b/plugins/networks/n.py": PLUGIN})
    discovery.warn_once.cache_clear()
    found = [source.name for source in find("networks")]
    assert "paper_unet" in found and "n" not in found
    assert f"Plugins of acme are ignored: {why}" in caplog.text


def test_an_entry_point_to_nowhere_is_a_warning(install, caplog):
    """A distribution that names a package it does not hold is passed over."""
    install("acme", "acme_nowhere", {})
    discovery.warn_once.cache_clear()
    assert "paper_unet" in [source.name for source in find("networks")]
    assert "Plugins of acme are ignored: no package 'acme_nowhere'." in caplog.text


def test_a_missing_folder_is_one_warning(tmp_path, use_plugin_folders, caplog):
    """A folder of CXRTK_PLUGINS that does not exist is named once, however often one looks."""
    use_plugin_folders(tmp_path / "not_there")
    assert "paper_unet" in [source.name for source in find("networks")]
    list(find("networks"))
    warnings = [record for record in caplog.records if "not_there" in record.getMessage()]
    assert [record.levelno for record in warnings] == [logging.WARNING]


def test_an_init_in_a_kind_folder_is_a_warning(plugin_folder, caplog):
    """An `__init__.py` that would hide the same kind of the other folders is named."""
    plugin_folder.write("networks", "__init__", "")
    list(find("networks"))
    assert str(Path("networks") / "__init__.py") in caplog.text and "delete it" in caplog.text


def test_the_same_file_twice_is_one_source(use_plugin_folders):
    """Our own plugins, named by CXRTK_PLUGINS too, are each found once."""
    before = sorted(source.name for source in find("networks"))
    folder = Path(next(source.file for source in find("networks"))).parent.parent
    use_plugin_folders(folder, folder)
    assert sorted(source.name for source in find("networks")) == before


def test_a_linked_folder_is_the_same_file(tmp_path, use_plugin_folders):
    """A symbolic link to a plugin folder does not make its files conflict with themselves."""
    folder = next(source.file for source in find("networks")).parent.parent
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    before = sorted(source.name for source in find("networks"))
    use_plugin_folders(link)
    assert sorted(source.name for source in find("networks")) == before
