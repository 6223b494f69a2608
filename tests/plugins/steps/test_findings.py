"""The step of `cxrtk findings`."""

import pytest

from cxrtk import ConfigError, steps


def test_a_model_that_makes_masks_is_no_classifier():
    """Is refused before anything is read."""
    with pytest.raises(ConfigError):
        steps.create("findings", model="lungs")
