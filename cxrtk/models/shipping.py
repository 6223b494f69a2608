"""The models that ship: one safetensors file each, with their checksums and their licence beside them.

Imports neither torch nor MONAI.
"""

from __future__ import annotations

from pathlib import Path

from cxrtk.errors import CheckpointError

DEFAULT = "lungs"
SUFFIX = ".safetensors"
SUMS = "SHA256SUMS"
LICENSE = "MODEL_LICENSE"


def folder() -> Path:
    """Where the shipped models lie, with ``SHA256SUMS`` and ``MODEL_LICENSE``."""
    return Path(__file__).parent


def shipped() -> dict[str, Path]:
    """Name -> file of each shipped model, sorted by name.

    >>> shipped()["lungs"].name
    'lungs.safetensors'
    """
    return {path.stem: path for path in sorted(folder().glob(f"*{SUFFIX}"))}


def expected_sha256(path: Path) -> str:
    """What the digest of a shipped file must be, as ``sha256sum`` wrote it into ``SHA256SUMS``.

    Raises:
        CheckpointError: The list cannot be read, or does not name the file.
    """
    sums = path.parent / SUMS
    try:
        lines = sums.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{sums}: cannot be read ({error}); install cxrtk again.") from error
    for line in lines:
        digest, _, name = line.partition("  ")
        if name == path.name:
            return digest
    raise CheckpointError(f"{sums}: does not name {path.name}; install cxrtk again.")
