"""The models that ship: whole, and under which licence."""

from __future__ import annotations

from collections.abc import Iterator

from cxrtk.cli.diagnosis.finding import BROKEN, OK, Finding
from cxrtk.errors import CheckpointError
from cxrtk.models import shipping
from cxrtk.models.description import describe
from cxrtk.models.licence import licence_of


def examine() -> Iterator[Finding]:
    """Yield each model, after a look at its checksum."""
    for name, path in shipping.shipped().items():
        try:
            describe(path, sha256=shipping.expected_sha256(path))
            terms = licence_of(path).terms
        except CheckpointError as error:
            yield Finding(BROKEN, name, str(error), "pip install --force-reinstall cxrtk")
            continue
        yield Finding(OK, name, f"checksum correct, licence: {terms}")
