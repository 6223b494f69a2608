"""The limits of a model in a sentence."""

import pytest

from cxrtk.models import shipping
from cxrtk.report.limits import SHIPPED, UNKNOWN, limits_of


@pytest.mark.parametrize("name", sorted(shipping.shipped()))
def test_a_shipped_model_is_known(name):
    """By name and digest."""
    digest = shipping.expected_sha256(shipping.shipped()[name])
    assert limits_of({"name": name, "sha256": digest}) == SHIPPED


@pytest.mark.parametrize("model", [{}, {"name": "mine", "sha256": "ab"}, {"name": "lungs", "sha256": "ab"}])
def test_any_other_is_not(model):
    """Also one that only has the name of a shipped one."""
    assert limits_of(model) == UNKNOWN
