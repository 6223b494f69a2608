"""Mistakes in expressions, before they are assigned to a file and line."""

from __future__ import annotations

from typing import NamedTuple

from cxrtk.bundles.lint.issue import Kind, did_you_mean
from cxrtk.bundles.lint.resolve import Missing

ALLOW = "write it without, or read the config and add --allow-code"


class Mistake(NamedTuple):
    """A mistake in an expression."""

    what: str
    cure: str
    kind: Kind


def missing_name(path: str, missing: Missing) -> Mistake:
    """Return the mistake for a dotted name that does not resolve."""
    if not missing.where:
        return Mistake(f"there is no module {missing.name}", "install it, or correct the name", "error")
    cure = did_you_mean(missing.name, missing.known, f"see what {missing.where} has")
    return Mistake(f"{path}: {missing.where} has no {missing.name!r}", cure, "error")
