"""JSON files of editors, read within bounds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from cxrtk.data.pixels.content import open_regular, read_bytes
from cxrtk.errors import CxrReadError

MOST_BYTES: Final = 1 << 26  # pictures may be embedded
MOST_VALUES: Final = 2_000_000  # each costs up to 64 bytes of memory, whatever its length in the file

_HEAD = 256


def looks_like_json(path: str | Path) -> bool:
    """Return whether a file begins as a JSON object or list of an editor does."""
    head = read_bytes(path, _HEAD).removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:1] in (b"{", b"[") and head[1:].lstrip()[:1] in (b'"', b"{", b"}", b"]", b"")


def read_json(path: str | Path) -> Any:
    """Read a JSON file of at most 64 MiB and two million values.

    Raises:
        CxrReadError: The file cannot be read, is too large, or is not JSON.
    """
    with open_regular(path) as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        what = f"has more than {MOST_BYTES} bytes"
        raise CxrReadError(path, what, cure="split it into several files", code="too_large")
    values = sum(data.count(mark) for mark in (b",", b"[", b"{"))
    if values > MOST_VALUES:
        what = f"holds {values} values, more than {MOST_VALUES}"
        raise CxrReadError(path, what, cure="split it into several files", code="too_large")
    try:
        return json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        what = f"is not readable JSON ({type(error).__name__})"
        raise CxrReadError(path, what, cure="export it again", code="damaged") from error


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def entries(path: str | Path, value: Any, what: str) -> list[dict[str, Any]]:
    """Return a list of objects of a file.

    Raises:
        CxrReadError: It is not one.
    """
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise wrong(path, f"{what} is not a list of objects")
    return value


def wrong(path: str | Path, what: str) -> CxrReadError:
    """Return the error for content that is not of its format."""
    return CxrReadError(path, f"is damaged ({what})", cure="export it again", code="damaged")
