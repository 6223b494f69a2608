"""The licence of an export is that of its weights."""

import json

import pytest

from cxrtk import ConfigError
from cxrtk.bundles.zoo.licences import (
    data_licence_text,
    is_fit_for_the_zoo,
    licence_text,
    require_one,
    weights_licence,
)
from cxrtk.models import shipping
from cxrtk.models.licence import Licence, licence_of


def test_the_shipped_model_has_its_own():
    """In full, behind what the code is under; and its sources stand in docs/data_license.txt."""
    found = weights_licence("lungs")
    text = (shipping.folder() / "lungs.LICENSE").read_text(encoding="utf-8")
    assert licence_text(found).endswith(text) and "Apache-2.0" in licence_text(found)
    assert data_licence_text(found) == text


@pytest.mark.parametrize(
    ("pretrained", "terms"),
    [
        ("shipped", "research and education only"),
        ("lungs", "research and education only"),
        ("", "none stated"),
    ],
)
def test_a_run_has_the_licence_of_the_weights_that_it_began_with(tmp_path, pretrained, terms):
    """Fine-tuned weights are a work made of the first ones; those from random numbers have none."""
    (tmp_path / "config.json").write_text(json.dumps({"pretrained": pretrained}))
    assert weights_licence(str(tmp_path)).terms == terms


def test_weights_without_a_licence_say_so():
    """No licence is invented for them."""
    nothing = Licence("none stated")
    assert "came without a licence" in licence_text(nothing)
    assert "not stated" in data_licence_text(nothing)


def test_only_open_weights_are_fit_for_the_zoo():
    """The zoo passes a bundle on for any use: `lungs-open` is fit, `lungs` is not."""
    folder = shipping.folder()
    assert is_fit_for_the_zoo(licence_of(folder / "lungs-open.safetensors"))
    assert not is_fit_for_the_zoo(licence_of(folder / "lungs.safetensors"))
    assert not is_fit_for_the_zoo(Licence("none stated"))


def test_several_models_are_refused():
    """A bundle has one network."""
    require_one("lungs")
    with pytest.raises(ConfigError, match="export its members one by one"):
        require_one("lungs+other.safetensors")
