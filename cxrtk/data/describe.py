"""Process-independent descriptions of objects as plain values, for cache keys."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

import numpy as np
import torch

from cxrtk.api import Reader

_FOREIGN = ("monai", "torch", "numpy", "ignite")  # identified by their versions
_LISTING = 32  # longer containers of a reader are its file lists


def describe(value: Any) -> Any:
    """Return a JSON-able description: class, source and settings of objects, content of arrays.

    Meant for deterministic transforms, readers and mask generators. Random states and a reader's file lists
    are left out, since the item holds all that concerns it. A plugin's class is described with its source, so
    that editing the plugin changes the description.

    >>> describe({"size": (2, 3), "mode": "nearest"})
    {'mode': 'nearest', 'size': [2, 3]}
    """
    return _describe(value, (), None)


def _describe(value: Any, parents: tuple[int, ...], longest: int | None) -> Any:
    if isinstance(value, (Enum, PurePath, torch.dtype, torch.device, np.generic)):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (torch.Tensor, np.ndarray)):
        array = np.ascontiguousarray(torch.as_tensor(value).detach().cpu().numpy())
        return [str(array.dtype), list(array.shape), hashlib.sha256(array.tobytes()).hexdigest()]
    if id(value) in parents:
        return "itself"
    parents = (*parents, id(value))
    if isinstance(value, (Mapping, list, tuple, set, frozenset)):
        if longest is not None and len(value) > longest:
            return "a listing"
        return _container(value, parents, longest)
    return _object(value, parents, _LISTING if isinstance(value, Reader) else longest)


def _container(value: Any, parents: tuple[int, ...], longest: int | None) -> Any:
    if isinstance(value, Mapping):
        pairs = sorted(value.items(), key=lambda pair: str(pair[0]))
        return {str(key): _describe(item, parents, longest) for key, item in pairs}
    items = [_describe(item, parents, longest) for item in value]
    return sorted(map(str, items)) if isinstance(value, (set, frozenset)) else items


def _object(value: Any, parents: tuple[int, ...], longest: int | None) -> Any:
    kind = value if inspect.isroutine(value) or inspect.isclass(value) else type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    source = "" if name.startswith(_FOREIGN) else _source(kind)
    settings = vars(value) if kind is not value and hasattr(value, "__dict__") else {}
    fixed = {key: item for key, item in settings.items() if not isinstance(item, np.random.RandomState)}
    return [name, source, _container(fixed, parents, longest)]


def _source(kind: Any) -> str:
    """Return a digest of the source of a class or function; empty where it has none."""
    try:
        return hashlib.sha256(inspect.getsource(kind).encode()).hexdigest()
    except (OSError, TypeError):
        return ""
