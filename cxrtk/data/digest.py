"""SHA-256 of files, as printed by ``sha256sum``."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 20  # bytes read at a time


def sha256(path: str | Path) -> str:
    """Return the digest of a file's bytes."""
    with Path(path).open("rb") as file:
        return sha256_of(file)


def sha256_of(file: BinaryIO) -> str:
    """Return the digest of the rest of an open file."""
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()
