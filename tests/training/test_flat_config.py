"""Ids of a config, as MONAI reads them."""

import json

import pytest
from monai.bundle import ConfigParser

from cxrtk.bundles import shipped
from cxrtk.training.flat_config import flat, is_plain


@pytest.mark.parametrize("name", ["unet_cxr", "lungs"])
def test_each_id_is_monais_and_has_its_value(name):
    """MONAI's parser finds the same value under each id; no component is lost."""
    parser = ConfigParser(json.loads(shipped()[name].read_text()))
    found = flat(parser.get())
    assert len(found) > 100
    overlaid = {id for id in parser.get() if "#" in id}  # of an overlay: ids into its base
    inside = {id: value for id, value in found.items() if not id.startswith(tuple(overlaid))}
    assert all(parser[id] == value for id, value in inside.items())
    assert json.dumps(found).count("_target_") == json.dumps(parser.get()).count("_target_")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, True), (0.5, True), (False, True), ("adam", True), ("", True), (None, False), ([], False)]
    + [(sign + "seed", False) for sign in "$@%"],
)
def test_plain_values(value, expected):
    """Numbers, truth values and texts are; expressions, references and macros are not."""
    assert is_plain(value) is expected
