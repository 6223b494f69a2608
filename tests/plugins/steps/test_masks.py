"""The step of `cxrtk masks`."""

import pytest

from cxrtk.testing import StepContract


class TestMasks(StepContract):
    """The contract."""

    plugin = "masks"

    @pytest.fixture
    def kwargs(self):
        """By the mean."""
        return {"generator": "mean_threshold"}
