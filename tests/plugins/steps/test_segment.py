"""The step of `cxrtk segment`."""

from cxrtk.testing import StepContract


class TestSegment(StepContract):
    """The contract, with the model that ships."""

    plugin = "segment"
