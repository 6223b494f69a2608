"""Write a file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder; on success it becomes `path`, on failure it is removed.

    The temporary name keeps the suffix, since libraries choose the format by it. Missing folders are made.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a" / "mask.png"
    >>> with replacing(target) as part:
    ...     _ = part.write_bytes(b"whole")
    >>> target.read_bytes(), len(list(target.parent.iterdir()))
    (b'whole', 1)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
