"""Contract test suites for each kind of plugin, to be imported by plugin authors.

>>> from cxrtk.testing import NetworkContract
>>> class TestTinyNet(NetworkContract):
...     plugin = "tiny_net"

pytest runs the inherited tests on the plugin. Override the fixture `kwargs` to build it with arguments; a
reader needs at least ``root``. This is the only package of cxrtk that needs pytest.
"""

import pytest

# Before the suites are imported, so that their assertions are rewritten as in any test.
for _suite in ("contract", "masks", "metrics", "networks", "readers", "steps", "writers"):
    pytest.register_assert_rewrite(f"cxrtk.testing.{_suite}")

from cxrtk.testing.masks import MaskGeneratorContract  # noqa: E402
from cxrtk.testing.metrics import MetricContract  # noqa: E402
from cxrtk.testing.networks import NetworkContract  # noqa: E402
from cxrtk.testing.readers import ReaderContract  # noqa: E402
from cxrtk.testing.steps import StepContract  # noqa: E402
from cxrtk.testing.writers import WriterContract  # noqa: E402

__all__ = [
    "MaskGeneratorContract",
    "MetricContract",
    "NetworkContract",
    "ReaderContract",
    "StepContract",
    "WriterContract",
]
