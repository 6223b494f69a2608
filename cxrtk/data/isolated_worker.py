"""The process that `cxrtk.data.isolation` hands files to. It answers in JSON and raw pixels, never in pickle.

    python -m cxrtk.data.isolated_worker

The first line on stdin says which reader, with which arguments; each further line is a file.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any

import numpy as np

from cxrtk.errors import CxrReadError
from cxrtk.registry import readers


def main() -> None:
    """Answer until stdin ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a decoder prints must not get among the answers
    asked: IO[bytes] = sys.stdin.buffer
    first = json.loads(asked.readline())
    reader = readers.create(first["name"], **first["arguments"])
    _answer(answers, {"ready": True})
    for line in asked:
        request = json.loads(line)
        _limit_memory(request["memory"])
        _answer(answers, *_read(reader, request["path"]))


def _read(reader: Any, path: str) -> tuple[dict[str, Any], bytes]:
    try:
        image = reader.read(path)
    except CxrReadError as error:
        about = {"path": error.path, "what": error.what, "cure": error.cure, "tag": error.tag}
        return {"error": {**about, "code": error.code}}, b""
    except MemoryError:
        about = {"path": path, "what": "needs more memory than is allowed", "code": "too_large"}
        return {"error": {**about, "cure": "read it alone, with a higher limit", "tag": None}}, b""
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises costs this file only
        about = {"path": path, "what": f"cannot be decoded ({type(error).__name__})", "code": "damaged"}
        return {"error": {**about, "cure": "copy it again, or export it again", "tag": None}}, b""
    pixels = np.ascontiguousarray(image.pixels, dtype=np.float32)
    header = {
        "shape": pixels.shape,
        "spacing_mm": image.spacing_mm,
        "spacing_source": image.spacing_source,
        "meta": dict(image.meta),
    }
    return header, pixels.tobytes()


def _answer(answers: IO[bytes], header: dict[str, Any], content: bytes = b"") -> None:
    answers.write(json.dumps(header, default=_plain).encode() + b"\n" + content)
    answers.flush()


def _plain(value: Any) -> Any:
    """What JSON has no word for, among what readers say about an image."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return str(value)


_memory = 0


def _limit_memory(more: int) -> None:
    """Allow this process `more` bytes above what it has now; it never lets itself have more again."""
    global _memory
    if _memory == more or sys.platform == "win32":
        return
    import resource
    from pathlib import Path

    statm = Path("/proc/self/statm")
    if not statm.exists():  # macOS does not keep to RLIMIT_AS
        return
    now = int(statm.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + more, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _memory = more


if __name__ == "__main__":
    main()
