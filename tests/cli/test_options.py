"""What the shared options accept."""

import pytest

from cxrtk import ConfigError
from cxrtk.cli.options import check_device


def test_the_processor_is_always_there():
    """By its name."""
    assert check_device("cpu") == "cpu"


@pytest.mark.parametrize(
    ("name", "said"), [("gpu", "no such device"), ("mps", "only cpu"), ("cuda:99", "CUDA")]
)
def test_devices_that_are_not_there(name, said):
    """One line, before a model is loaded."""
    with pytest.raises(ConfigError, match=said):
        check_device(name)
