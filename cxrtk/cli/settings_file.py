"""The user's settings: values of options for every command, in TOML.

::

    [all]                # of every verb that has the option
    device = "cuda"

    [segment]
    output-types = "png,nifti"

An option on the command line goes before an environment variable, and that before this file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk.cli.verbs import VERBS
from cxrtk.errors import ConfigError

VARIABLE = "CXRTK_SETTINGS"
ALL = "all"
SHARED = ("backend", "device", "precision", "quiet", "verbose", "workers")  # what [all] may set


def settings_path() -> Path:
    """Return ``CXRTK_SETTINGS``, or else ``settings.toml`` in the user's folder of settings."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("cxrtk", appauthor=False) / "settings.toml"


def defaults(verb: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of a verb, as values by the name of the parameter.

    Args:
        verb: Name of the verb.
        parameters: Parameter of each option: ``{"output-types": "formats"}``.

    Raises:
        ConfigError: The file cannot be read, or sets what there is not.
    """
    path = settings_path()
    sections = _read(path)
    common, own = sections.get(ALL, {}), sections.get(verb, {})
    for section, known in ((ALL, SHARED), (verb, tuple(parameters))):
        for name in sections.get(section, {}):
            if name not in known:
                raise ConfigError(
                    f"{path}: [{section}] {name}: no such option; available: {', '.join(sorted(known))}."
                )
    values = {name: value for name, value in common.items() if name in parameters} | own
    return {parameters[name]: value for name, value in values.items()}


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Read the sections, with hyphens in names where there are underscores."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if os.environ.get(VARIABLE):
            raise ConfigError(f"{path}: no such file, although {VARIABLE} names it.") from error
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the settings cannot be read: {error}.") from error
    if not text.strip():
        return {}
    import tomllib

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not TOML: {error}.") from error
    for section, values in found.items():
        if section not in (ALL, *VERBS):
            raise ConfigError(f"{path}: [{section}]: no such verb; write [all], or a verb as [segment].")
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: {section}: is outside of a section; write [all] above it.")
    return {
        section: {name.replace("_", "-"): value for name, value in values.items()}
        for section, values in found.items()
    }
