"""Known limits of a model, as one sentence for a result page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxrtk.models import shipping

SHIPPED = (
    "Limits of this model: it is made for frontal radiographs of adults; where a lung is missing, collapsed, "
    "dense or behind a large effusion it tends to draw the lung that should be there or to leave out the "
    "dense part, it was not measured on children, and a flag “ok” is no proof that a mask is right."
)
UNKNOWN = (
    "Limits of this model: it does not ship with cxrtk, so nothing is known here about the images it was "
    "trained on; evaluate it on images like this one before you rely on it."
)


def limits_of(model: Mapping[str, Any]) -> str:
    """Return the limits of a model as a sentence.

    Args:
        model: ``name`` and ``sha256`` of the model, as in a manifest. A model that has the name of a shipped
            model but a different digest counts as unknown.
    """
    path = shipping.shipped().get(str(model.get("name")))
    known = path is not None and shipping.expected_sha256(path) == model.get("sha256")
    return SHIPPED if known else UNKNOWN
