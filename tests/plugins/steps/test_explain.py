"""The step of `cxrtk explain`."""

import pytest

from cxrtk import ConfigError, steps
from cxrtk.testing import StepContract


class TestExplain(StepContract):
    """The contract, with the model that ships."""

    plugin = "explain"


def test_a_class_that_the_model_does_not_have():
    """Is refused before anything is read."""
    with pytest.raises(ConfigError, match="No class 'liver'"):
        steps.create("explain", classes=["liver"])
