"""One issue of a data set check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxrtk.data.check.codes import CODES, NOTE


@dataclass(frozen=True)
class Issue:
    """A code, and the images that it concerns.

    Attributes:
        code: One of `CODES`.
        images: Names of the images or other files, as paths below the data set's folder; empty where the
            issue concerns the whole set.
        detail: Measured value or message, without header values.
        reason: The reader's code (`cxrtk.errors.READ_CODES`) for a file that it refuses.
    """

    code: str
    images: tuple[str, ...] = ()
    detail: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"{self.code!r} is not a code of a check.")


def severity(code: str, accepted: Mapping[str, object] | frozenset[str] = frozenset()) -> str:
    """Return the severity of a code; codes accepted by the user are notes."""
    return NOTE if code in accepted else CODES[code].severity
