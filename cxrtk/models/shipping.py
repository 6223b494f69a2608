"""Shipped models: one safetensors file each, with a checksum and a licence (`cxrtk.models.licence`).

Imports neither torch nor MONAI.
"""

from __future__ import annotations

from pathlib import Path

from cxrtk.errors import CheckpointError

DEFAULT = "lungs"
SUFFIX = ".safetensors"
SUMS = "SHA256SUMS"


def folder() -> Path:
    """Return the folder of the shipped models, with ``SHA256SUMS`` and a licence for each."""
    return Path(__file__).parent


def shipped() -> dict[str, Path]:
    """Return name -> file of each shipped model, sorted by name.

    >>> shipped()["lungs"].name
    'lungs.safetensors'
    """
    return {path.stem: path for path in sorted(folder().glob(f"*{SUFFIX}"), key=lambda path: path.stem)}


def expected_sha256(path: Path) -> str:
    """Return the expected SHA-256 of a shipped file, from ``SHA256SUMS``.

    Raises:
        CheckpointError: The list cannot be read, or does not name the file.
    """
    sums = path.parent / SUMS
    try:
        lines = sums.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{sums}: cannot be read ({error}); reinstall cxrtk.") from error
    for line in lines:
        digest, _, name = line.partition("  ")
        if name == path.name:
            return digest
    raise CheckpointError(f"{sums}: does not name {path.name}; reinstall cxrtk.")
