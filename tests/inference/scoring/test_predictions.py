"""Predictions of a model: what the record of an evaluation says of them."""

import pytest

from cxrtk.errors import ConfigError
from cxrtk.inference.scoring.predictions import LungSettings, of_model


def test_the_record_names_backend_and_precision(model_file):
    """Those that were asked for, rather than the fastest."""
    about = of_model(str(model_file), LungSettings(backend="torch", precision="fp32"), None).about
    assert (about["backend"], about["precision"]) == ("torch", "fp32")


def test_a_backend_that_does_not_exist(model_file):
    """Is refused with the names of those that do."""
    with pytest.raises(ConfigError, match="--backend fast: no such backend; use auto, torch"):
        of_model(str(model_file), LungSettings(backend="fast"), None)
