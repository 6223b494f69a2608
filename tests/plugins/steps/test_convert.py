"""The step of `cxrtk convert`."""

import pytest

from cxrtk import ConfigError, steps
from cxrtk.testing import StepContract


class TestConvert(StepContract):
    """The contract."""

    plugin = "convert"


@pytest.mark.parametrize(("arguments", "said"), [({"form": "jpg"}, "--format"), ({"bits": 12}, "--bits")])
def test_what_it_cannot_write(arguments, said):
    """Is refused before anything is read."""
    with pytest.raises(ConfigError, match=said):
        steps.create("convert", **arguments)
