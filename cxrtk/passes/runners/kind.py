"""Description of a machine's kind: machines of one kind produce the same bytes from the same work."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from cxrtk.process.machine import versions

BACKENDS = ("openvino", "onnxruntime")  # libraries that compute networks beside torch


def kind() -> dict[str, str]:
    """Return the properties of the machine that can affect the last bits of a result.

    Properties known to torch are included only if torch is already imported; it is not imported for this.
    """
    found = {"machine": platform.machine(), **versions()}
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        from cxrtk.process.device import cpu_has_bf16

        found["instructions"] = torch.backends.cpu.get_cpu_capability()
        found["bf16"] = str(cpu_has_bf16())
        if torch.cuda.is_initialized():
            found["gpu"] = torch.cuda.get_device_name()
    found |= {name: version(name) for name in BACKENDS if name in sys.modules}
    return found


def difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    """Describe the difference of two descriptions; empty if they are equal.

    >>> difference({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}})
    "b is {'c': 3} there and {'c': 2} here"
    """
    names = [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)]
    return ", ".join(f"{name} is {theirs.get(name)} there and {ours.get(name)} here" for name in names)


def other_kind(ours: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """Describe the difference of two machines, over the properties known to both; empty if there is none.

    One of the processes may have imported torch for another reason than the step.
    """
    both = ours.keys() & theirs.keys()
    return difference(*({name: kind[name] for name in sorted(both)} for kind in (ours, theirs)))
