"""Values of a run's config, by references and not by evaluation."""

import json

import pytest

from cxrtk import ConfigError
from cxrtk.models.run_config import RunConfig


@pytest.fixture
def config(tmp_path):
    def write(content, **known):
        (tmp_path / "config.json").write_text(json.dumps(content))
        return RunConfig(tmp_path, known)

    return write


def test_references_are_followed(config):
    """Through any number of others, into dictionaries and lists; the length of a list is a value."""
    made = config(
        {"a": "@b", "b": "@c", "c": 3, "names": ["x", "y"], "net": {"n": "$len(@names)", "l": ["@a"]}}
    )
    assert made.get("a") == 3 and made.get("net") == {"n": 2, "l": [3]} and made.get("nothing") is None


def test_a_value_can_be_given_in_place_of_the_files(config):
    """As the folder of data that moved."""
    assert config({"reader": {"root": "@data_root"}}, data_root="/new").get("reader") == {"root": "/new"}


@pytest.mark.parametrize("value", ["$1 + 1", "%other::a", "@gone", "@self"])
def test_what_is_computed_is_refused(config, value):
    """One line with the file and the value; nothing is evaluated, and a circle ends."""
    with pytest.raises(ConfigError, match=r"config\.json: .* is computed, not stated"):
        config({"a": {"x": value}, "self": "@self"}).get("a")


def test_arguments_of_a_part(config):
    """Without its target, which must be the one that is expected."""
    made = config({"reader": {"_target_": "cxrtk.readers.create", "name": "nih_png"}})
    assert made.arguments("reader", "cxrtk.readers.create") == {"name": "nih_png"}
    with pytest.raises(ConfigError, match="its reader is not made by other"):
        made.arguments("reader", "other")


@pytest.mark.parametrize("text", [None, "", "[]", "{"])
def test_a_folder_without_a_config(tmp_path, text):
    """Says that it is no run."""
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    with pytest.raises(ConfigError, match="is no"):
        RunConfig(tmp_path)
