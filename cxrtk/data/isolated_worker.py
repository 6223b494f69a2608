"""Worker process of `cxrtk.data.isolation`. It answers in JSON and raw pixels, never in pickle.

    python -m cxrtk.data.isolated_worker

The first line on stdin gives the reader and its arguments; each further line is a file.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import IO, Any

import numpy as np

from cxrtk.errors import CxrReadError
from cxrtk.process import address_space
from cxrtk.registry import readers


def main() -> None:
    """Answer requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # printed output must not mix with the answers
    asked: IO[bytes] = sys.stdin.buffer
    first = json.loads(asked.readline())
    with suppress(ImportError):  # on failure the plugin is searched for by its name
        import_module(first["module"])
    reader = readers.create(first["name"], **first["arguments"])
    _answer(answers, {"room": address_space.room()})
    _hush()
    for line in asked:
        request = json.loads(line)
        _limit_memory(request["memory"])
        _answer(answers, *_read(reader, request["path"]))


def _hush() -> None:
    """Discard printed output from the first file on, since decoders may write patient data there."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.close(nothing)


def _read(reader: Any, path: str) -> tuple[dict[str, Any], bytes | memoryview]:
    try:
        image = reader.read(path)
    except CxrReadError as error:
        about = {"path": error.path, "what": error.what, "cure": error.cure, "tag": error.tag}
        return {"error": {**about, "code": error.code}}, b""
    except Exception as error:  # noqa: BLE001 - an exception of a decoder affects this file only
        if address_space.is_lack(error):
            about = {"path": path, "what": _too_large(), "code": "too_large"}
            return {"error": {**about, "cure": "read it alone, with a higher limit", "tag": None}}, b""
        about = {"path": path, "what": f"cannot be decoded ({type(error).__name__})", "code": "damaged"}
        return {"error": {**about, "cure": "copy it again, or export it again", "tag": None}}, b""
    pixels = np.ascontiguousarray(image.pixels, dtype=np.float32)
    header = {
        "shape": pixels.shape,
        "spacing_mm": image.spacing_mm,
        "spacing_source": image.spacing_source,
        "meta": dict(image.meta),
    }
    return header, pixels.data.cast("B")


def _answer(answers: IO[bytes], header: dict[str, Any], content: bytes | memoryview = b"") -> None:
    answers.write(json.dumps(header, default=_plain).encode() + b"\n")
    answers.write(content)
    answers.flush()


def _plain(value: Any) -> Any:
    """Convert values of a reader's metadata that JSON cannot represent."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)


_memory = 0
_given = ""  # the system's limit in words, where it is the lower one


def _limit_memory(more: int) -> None:
    """Limit this process to `more` bytes above its current use, or to the system's lower limit."""
    global _memory, _given
    if _memory == more:
        return
    _given = address_space.lower(more)
    _memory = more


def _too_large() -> str:
    return f"needs more memory than is allowed{f', {_given}' if _given else ''}"


if __name__ == "__main__":
    main()
    os._exit(0)  # Python's own end would take a fifth of a second, for which the pass would wait
