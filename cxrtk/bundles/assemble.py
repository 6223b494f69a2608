"""Assembly of a bundle config for MONAI from plugin names and settings.

The shipped ``unet_cxr.json`` is the template; an assembled config differs from it only in the named plugins
and settings, so there is a single config to maintain.
"""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from cxrtk.bundles.shipped import shipped
from cxrtk.data.atomic import replacing
from cxrtk.errors import ConfigError
from cxrtk.registry import masks as mask_generators
from cxrtk.registry import metrics as metric_plugins
from cxrtk.registry import networks, readers

PATTERN = "unet_cxr"
YAML_SUFFIXES = (".yaml", ".yml")


def assemble(
    *,
    reader: str,
    masks: str,
    network: str,
    metrics: Sequence[str],
    settings: Mapping[str, Any] | None = None,
    config_name: str = PATTERN,
) -> dict[str, Any]:
    """Build a training config.

    Args:
        reader: Name of a reader that takes ``root``.
        masks: Name of a mask generator.
        network: Name of a network.
        metrics: Names of metrics; the first one chooses the checkpoint.
        settings: Values to set by id, with ids as in MONAI: ``"max_epochs"``, ``"optimizer#lr"``.
        config_name: First part of the names of its runs.

    Raises:
        PluginError: A plugin does not exist or cannot be imported.
        ConfigError: No metric is given, the reader does not accept ``root``, or the id of a setting does not
            exist.
    """
    if not metrics or len(set(metrics)) < len(metrics):
        raise ConfigError("Name at least one metric, each once: --metrics dice,iou.")
    for registry, name in ((readers, reader), (mask_generators, masks), (networks, network)):
        registry.get(name)
    if "root" not in inspect.signature(readers.get(reader)).parameters:
        raise ConfigError(
            f"Reader {reader!r} has no argument root, so a bundle cannot pass it the data set's folder."
        )
    config: dict[str, Any] = json.loads(shipped()[PATTERN].read_text(encoding="utf-8"))
    config["config_name"] = config_name
    config["reader"]["name"] = reader
    config["mask_generator"]["name"] = masks
    config["network_def"]["name"] = network
    _set_metrics(config, metrics)
    for path, value in (settings or {}).items():
        set_id(config, path, value)
    return config


def set_id(config: dict[str, Any], path: str, value: Any) -> None:
    """Set one id of a config in place; ``#`` and ``::`` separate levels, a number is a list index.

    The last level may be new within a component (an additional argument), but not at the top level.

    Raises:
        ConfigError: The id does not exist; the message names the part that does.
    """
    parts = path.replace("::", "#").split("#")
    level: Any = config
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        if isinstance(level, list) and part.isdecimal() and int(part) < len(level):
            key: Any = int(part)
        elif isinstance(level, dict) and (part in level or (last and "_target_" in level)):
            key = part
        else:
            raise ConfigError(_unknown(path, part, level))
        if last:
            level[key] = value
        else:
            level = level[key]


def write(config: Mapping[str, Any], path: Path) -> None:
    """Write a config as JSON or YAML, by suffix, completely or not at all; create missing folders.

    Raises:
        ConfigError: The suffix is not supported, or the file cannot be written.
        StorageError: The disk is full.
    """
    if path.suffix == ".json":
        text = json.dumps(config, indent=4) + "\n"
    elif path.suffix in YAML_SUFFIXES:
        plain = json.loads(json.dumps(config))  # shared objects would become YAML anchors
        text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
    else:
        raise ConfigError(f"{path}: a bundle config ends in .json, .yaml or .yml.")
    try:
        with replacing(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}.") from error


def _set_metrics(config: dict[str, Any], names: Sequence[str]) -> None:
    """Set the validation metrics; training refers to them by a macro, the test to all but the loss."""
    pattern = config["validate"]["key_metric"]["dice"]
    handlers = {}
    for name in names:
        metric_plugins.get(name)
        handlers[name] = copy.deepcopy(pattern)
        handlers[name]["metric_fn"]["name"] = name
    key, *others = names
    loss = config["validate"]["additional_metrics"]["loss"]
    config["validate"]["key_metric"] = {key: handlers[key]}
    config["validate"]["additional_metrics"] = {**{name: handlers[name] for name in others}, "loss": loss}
    config["test"]["additional_metrics"] = {name: f"%validate#additional_metrics#{name}" for name in others}


def _unknown(path: str, part: str, level: Any) -> str:
    known = [str(key) for key in level] if isinstance(level, dict) else []
    near = get_close_matches(part, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" Available: {', '.join(known)}." if known else ""
    return f"The config has no id {path!r}: no {part!r}.{hint}"
