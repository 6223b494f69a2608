"""A model's description, read without its weights."""

import hashlib

import pytest

from cxrtk.errors import CheckpointError
from cxrtk.models import shipping
from cxrtk.models.description import describe, values_of


def test_the_shipped_model_is_described(tmp_path):
    """Its values are those of its file, whose digest is compared where one is expected."""
    path = shipping.shipped()["lungs"]
    values, digest = describe(path)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest() and values["name"] == "lungs"
    with pytest.raises(CheckpointError, match="is not the original file"):
        describe(path, sha256="0" * 64)


@pytest.mark.parametrize("text", [None, "[]", "{}", '{"format": "another"}', "no json"])
def test_another_header_is_refused(tmp_path, text):
    """Of a file that is no model of cxrtk's."""
    with pytest.raises(CheckpointError, match="description"):
        values_of(text, tmp_path / "model.safetensors")
