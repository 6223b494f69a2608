"""Parsing of ``--set id=value``."""

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
