"""The configs that ship, found by name."""

import json
import sys
from pathlib import Path

import pytest

from cxrtk import ConfigError
from cxrtk.bundles import shipped
from cxrtk.bundles.shipped import folder

ROOT = Path(__file__).resolve().parents[2]


def test_they_are_the_configs_of_the_checkout():
    """Every JSON file of bundles/ but the metadata, sorted by name."""
    files = sorted(path.resolve() for path in (ROOT / "bundles").glob("*.json") if path.stem != "metadata")
    assert [path.resolve() for path in shipped().values()] == files
    assert list(shipped()) == [path.stem for path in files]


def test_a_config_names_itself():
    """The name that runs are called by is the file's."""
    for name, path in shipped().items():
        assert json.loads(path.read_text(encoding="utf-8"))["config_name"] == name


def test_metadata_and_logging_lie_beside_them():
    """Where MONAI looks for them when it is given a config alone."""
    assert (folder() / "metadata.json").is_file() and (folder() / "logging.conf").is_file()


def test_a_missing_package_is_named(monkeypatch):
    """A damaged installation says what to do."""
    monkeypatch.setattr(sys.modules[folder.__module__], "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="cxrtk_bundles is missing; install cxrtk again"):
        shipped()
