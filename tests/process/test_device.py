"""Devices that are there, and bfloat16 as the kernel knows it."""

import pytest

from cxrtk import ConfigError
from cxrtk.process.device import check_device, cpu_has_bf16


def test_the_processor_is_always_there():
    """By its name."""
    assert check_device("cpu") == "cpu"


@pytest.mark.parametrize(
    ("name", "said"), [("gpu", "no such device"), ("mps", "only cpu"), ("cuda:99", "CUDA")]
)
def test_devices_that_are_not_there(name, said):
    """One line, before a model is loaded."""
    with pytest.raises(ConfigError, match=said):
        check_device(name)


def test_the_cpu_is_asked_as_the_kernel_lists_it():
    """On Linux, the flags of /proc/cpuinfo say the same."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123 - a kernel's file
            flags = next((line.split() for line in file if line.startswith("flags")), None)
    except FileNotFoundError:
        flags = None
    if flags is None:
        pytest.skip("no x86 flags in /proc/cpuinfo")
    assert cpu_has_bf16() == bool({"avx512_bf16", "amx_bf16"} & set(flags))
