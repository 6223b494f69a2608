"""Parsing of ``--set id=value``, and of several values by commas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cxrtk.errors import ConfigError


def parse_settings(words: Sequence[str]) -> dict[str, Any]:
    """Parse ``id=value`` words to values by id; a value is parsed as JSON if possible, otherwise it is text.

    Raises:
        ConfigError: A word has no ``=``, no id, or an id that was already set.

    >>> parse_settings(["max_epochs=3", "device=cpu", "optimizer#lr=1e-4", 'reader#views=["PA"]'])
    {'max_epochs': 3, 'device': 'cpu', 'optimizer#lr': 0.0001, 'reader#views': ['PA']}
    """
    import json

    settings: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set {word}: write it as id=value.")
        if key in settings:
            raise ConfigError(f"--set {key} is given twice.")
        try:
            settings[key] = json.loads(text)
        except ValueError:
            settings[key] = text
    return settings


def parse_several(words: Sequence[str]) -> dict[str, list[Any]]:
    """Parse ``id=value`` words as `parse_settings`, where a value may be several, separated by commas.

    A comma separates values unless it is inside of brackets, braces or quotation marks, or the value is an
    expression or a reference (``$``, ``@``, ``%``). So a list stays one value, and a text with a comma is one
    in quotation marks: ``dataset_dir="a,b"``.

    Returns:
        One or more values by id.

    Raises:
        ConfigError: As of `parse_settings`; a value is missing beside a comma; or two values are the same.

    >>> parse_several(["learning_rate=1e-3,3e-4", "classes=[1, 2]", "seed=0"])
    {'learning_rate': [0.001, 0.0003], 'classes': [[1, 2]], 'seed': [0]}
    """
    found = {}
    for key, value in parse_settings(words).items():
        pieces = _pieces(value) if isinstance(value, str) and f"{key}={value}" in words else []
        values = [parse_settings([f"{key}={piece}"])[key] for piece in pieces] or [value]
        if len(pieces) > 1 and not all(pieces):
            raise ConfigError(f"--set {key}={value}: a value is missing next to a comma.")
        if any(each in values[:number] for number, each in enumerate(values)):
            raise ConfigError(f"--set {key}={value}: a value is given twice.")
        found[key] = values
    return found


def _pieces(text: str) -> list[str]:
    """Split a text at its commas, but for those inside of brackets, braces or quotation marks."""
    if text[:1] in ("$", "@", "%"):
        return [text]
    pieces, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        depth += 0 if quote else (letter in "([{") - (letter in ")]}")
        if letter == "," and not quote and depth <= 0:
            pieces.append("")
        else:
            pieces[-1] += letter
    return [piece.strip() for piece in pieces]


def arguments_of(plugin: str, settings: Mapping[str, Any], also: Sequence[str] = ()) -> dict[str, Any]:
    """Select the arguments of one plugin: ``{"reader#views": [...]}`` -> ``{"views": [...]}``.

    Args:
        plugin: Prefix of the ids before the ``#``.
        settings: Settings from `parse_settings`.
        also: Other plugins whose arguments are allowed among the settings.

    Raises:
        ConfigError: A setting belongs to none of these plugins.
    """
    arguments = {}
    for key, value in settings.items():
        owner, _, name = key.partition("#")
        if owner not in (plugin, *also) or not name:
            known = " or ".join(f"{each}#" for each in (plugin, *also))
            raise ConfigError(f"--set {key}: begin with {known}, as in reader#views.")
        if owner == plugin:
            arguments[name] = value
    return arguments
