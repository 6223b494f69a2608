"""Flattening of a config to one value per id. Imports neither torch nor MONAI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMING = ("output_dir", "resume_from", "run_name")  # settings that differ in every run


def flat(config: Any, above: str = "") -> dict[str, Any]:
    """Return the values of a config by their ids, as MONAI writes them; empty mappings and lists are values.

    Args:
        config: Content of a config: mappings and lists of plain values. Nothing is evaluated.
        above: Id of `config` itself.

    >>> flat({"optimizer": {"lr": 0.001}, "spatial_size": [64, 32], "classes": []})
    {'optimizer#lr': 0.001, 'spatial_size#0': 64, 'spatial_size#1': 32, 'classes': []}
    """
    parts: Mapping[Any, Any] = (
        config if isinstance(config, Mapping) else dict(enumerate(config)) if isinstance(config, list) else {}
    )
    if not parts:
        return {above: config}
    found: dict[str, Any] = {}
    for key, value in parts.items():
        found |= flat(value, f"{above}#{key}" if above else str(key))
    return found


def is_plain(value: Any) -> bool:
    """Return whether a value is a number, a Boolean, or a string that is not an expression."""
    return isinstance(value, int | float) or (isinstance(value, str) and value[:1] not in ("$", "@", "%"))
