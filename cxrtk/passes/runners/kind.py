"""Of which kind a machine is: on two of one kind the same work gives the same bytes."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from typing import Any


def kind() -> dict[str, str]:
    """What the last bits of a result may depend on besides settings; of torch only where it is imported."""
    found = {"machine": platform.machine(), "python": platform.python_version()}
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        found["torch"] = str(torch.__version__)
        found["instructions"] = torch.backends.cpu.get_cpu_capability()
        if torch.cuda.is_initialized():
            found["gpu"] = torch.cuda.get_device_name()
    return found


def difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """In what two descriptions differ, in words; empty where they do not.

    >>> difference({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}})
    "b is {'c': 3} there and {'c': 2} here"
    """
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    return ", ".join(f"{name} is {theirs.get(name)} there and {ours.get(name)} here" for name in names)
