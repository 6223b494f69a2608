"""Building of a network from its definition in plain values, such as a run's ``network_def``."""

from __future__ import annotations

import inspect
import pydoc
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from cxrtk.errors import ConfigError, CxrError
from cxrtk.models.residual_unet import ResidualUNet, supports
from cxrtk.registry import networks

CREATE = "cxrtk.networks.create"
NETWORKS = "monai.networks.nets."
HOMES = ("monai.networks.", "monai.apps.")  # where the classes of MONAI's networks are defined
# Arguments that make MONAI networks download weights, with values that prevent it.
DOWNLOADS: Mapping[str, bool | None] = {"pretrained": False, "pretrained_url": None}
DOWNLOADING = ("Transchex", "BertPreTrainedModel", "MultiModal")  # networks that download in any case


def build_network(definition: Mapping[str, Any]) -> nn.Module:
    """Build a network from its ``_target_`` and plain arguments; nothing else is called or evaluated.

    A network of MONAI is named as in MONAI's own bundles: by its short name (``SegResNet``), or by any dotted
    name that leads to it. No weights are downloaded, since those of the run or file are loaded afterwards.

    Raises:
        ConfigError: The target is neither a network of MONAI nor `cxrtk.networks.create`, or it does not
            accept its arguments.
    """
    if supports(definition):  # the same network, without importing MONAI
        return ResidualUNet.of(definition)
    arguments = {key: value for key, value in definition.items() if not key.startswith("_")}
    target = str(definition.get("_target_", ""))
    mode = definition.get("_mode_", "default")
    if mode != "default" or definition.get("_disabled_"):
        raise ConfigError("A model's network must be built by its target; remove _mode_ and _disabled_.")
    component = next((key for key, value in arguments.items() if _holds_component(value)), None)
    if component is not None:
        raise ConfigError(f"A model's network takes plain values only, and {component!r} holds a _target_.")
    factory = networks.create if target == CREATE else _class_of(target)
    if target != CREATE:
        arguments |= _no_downloads(factory)
    try:
        network: nn.Module = factory(**arguments)
    except (TypeError, ValueError, AttributeError, LookupError, RuntimeError, ImportError) as error:
        if isinstance(error, CxrError) or "memory" in str(error):
            raise
        reason = " ".join(str(error).split())[:300]
        raise ConfigError(f"The network {target} cannot be built: {reason}") from error
    return network


def _class_of(target: str) -> Callable[..., nn.Module]:
    """Find a network class of MONAI, as MONAI resolves a ``_target_``."""
    found: Any = None
    if target.startswith(HOMES):
        found = _located(target)
    elif "." not in target:
        found = _short(target)
    is_network = isinstance(found, type) and issubclass(found, nn.Module)
    if not is_network or not found.__module__.startswith(HOMES) or found.__name__ in DOWNLOADING:
        raise ConfigError(
            f"A model's network must be {NETWORKS}<Name>, another network of MONAI or {CREATE}, not "
            f"{target!r}; make a network of your own a plugin: cxrtk new networks NAME."
        )
    network: Callable[..., nn.Module] = found
    return network


def _short(name: str) -> Any:
    """Find the class of a short name, first among the networks, then anywhere in MONAI."""
    import monai.networks.nets as nets

    if not name.isidentifier():
        return None
    if isinstance(found := getattr(nets, name, None), type):
        return found
    from monai.bundle.config_item import ComponentLocator

    module = ComponentLocator().get_component_module_name(name)
    home = module[0] if isinstance(module, list) and module else module
    return _located(f"{home}.{name}") if isinstance(home, str) and home.startswith(HOMES) else None


def _located(path: str) -> Any:
    try:
        return pydoc.locate(path)
    except pydoc.ErrorDuringImport:
        return None  # a package that this part of MONAI needs is not installed


def _no_downloads(factory: Callable[..., nn.Module]) -> dict[str, Any]:
    """Return arguments that prevent downloads, which some of MONAI's networks do by default."""
    return {name: DOWNLOADS[name] for name in inspect.signature(factory).parameters.keys() & DOWNLOADS.keys()}


def _holds_component(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "_target_" in value or any(map(_holds_component, value.values()))
    return isinstance(value, list) and any(map(_holds_component, value))
