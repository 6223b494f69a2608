"""One line of `cxrtk doctor`."""

from __future__ import annotations

from dataclasses import dataclass

OK, MISSING, BROKEN, NOTE = "ok", "missing", "broken", "note"


@dataclass(frozen=True)
class Finding:
    """Result for one examined thing.

    Attributes:
        state: `OK`; `MISSING` for what is optional; `BROKEN` for what must be there; `NOTE` for what is only
            told.
        name: Name of the thing.
        detail: What was found, in a few words.
        cure: What to do; empty if nothing.
    """

    state: str
    name: str
    detail: str
    cure: str = ""
