"""Names looked up on first use, on packages of the standard library."""

import json
from json.decoder import JSONDecoder

import pytest

from cxrtk.lazy import lookup


def test_a_name_comes_from_its_module():
    """The very object."""
    assert lookup(json.__name__, {"JSONDecoder": "decoder"})("JSONDecoder") is JSONDecoder


def test_an_unknown_name_is_told_as_python_tells_it():
    """Word for word."""
    with pytest.raises(AttributeError) as plain:
        _ = json.nothing
    with pytest.raises(AttributeError) as ours:
        lookup("json", {})("nothing")
    assert str(ours.value) == str(plain.value)
