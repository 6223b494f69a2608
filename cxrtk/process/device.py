"""Devices of this machine."""

from __future__ import annotations

import torch

from cxrtk.errors import ConfigError


def check_device(name: str) -> str:
    """Check that `name` is ``cpu`` or an available GPU, and return it.

    Raises:
        ConfigError: The name is unknown, or there is no such GPU.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"--device {name}: no such device; use cpu, cuda or cuda:1.") from error
    if device.type not in ("cpu", "cuda"):
        raise ConfigError(f"--device {name}: only cpu and CUDA devices are supported.")
    if device.type == "cpu" and device.index:
        raise ConfigError(f"--device {name}: there is only one cpu; use cpu.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ConfigError(f"--device {name}: this machine has {torch.cuda.device_count()} CUDA devices.")
    return name


def cpu_has_bf16() -> bool:
    """Return whether the CPU has bfloat16 matrix hardware (AVX512-BF16 or AMX); emulation would be slower."""
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    if capabilities:
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return bool(torch.cpu._is_avx512_bf16_supported())  # torch before 2.10 has no public function for it
