"""Limits of address space: what is told of them, and which errors are their doing."""

import errno
import resource

import pytest

from cxrtk import ConfigError
from cxrtk.process import address_space

SCRIPT = """
import resource
from cxrtk.process import address_space
print(address_space.limit(), address_space.room(), repr(address_space.stated()))
resource.setrlimit(resource.RLIMIT_AS, (3 * 10**9, 4 * 10**9))
used = address_space.used()
print(address_space.limit(), 0 < address_space.room() <= 3 * 10**9 - used + 10**7, address_space.stated())
print(repr(address_space.lower(10**9)), address_space.limit() - used < 1.1 * 10**9)
print(address_space.lower(10**10), resource.getrlimit(resource.RLIMIT_AS)[1])
"""


def test_the_limit_of_a_process(fresh_python):
    """None, then one that was set; lowered where it may be, and its hard end is never touched."""
    if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        pytest.skip("these tests run under a limit themselves")
    lines = fresh_python("-c", SCRIPT).out.splitlines()
    assert lines[0] == "None None ''"
    assert lines[1] == "3000000000 True under the limit of 3.0 GB (ulimit -v 2929687)"
    assert lines[2] == "'' True"
    assert lines[3].startswith("under the limit of 1.") and lines[3].endswith(" 4000000000")


@pytest.mark.parametrize(
    ("error", "lack"),
    [
        (MemoryError(), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (OSError(errno.EAGAIN, "Resource temporarily unavailable"), True),
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), True),
        (RuntimeError("can't start new thread"), True),
        (ImportError("No module named 'a'"), False),
        (OSError(errno.ENOENT, "No such file"), False),
        (ValueError("cannot allocate memory"), False),
    ],
)
def test_what_tells_of_no_memory(error, lack):
    """Whatever raises it."""
    assert address_space.is_lack(error) is lack


def test_too_low_a_limit_is_refused_before_the_work(monkeypatch):
    """And nothing is said without a limit."""
    monkeypatch.setattr(address_space, "limit", lambda: None)
    address_space.require(10**12, "cxrtk segment")
    monkeypatch.setattr(address_space, "limit", lambda: 10**9)
    address_space.require(10**9, "cxrtk segment")
    with pytest.raises(ConfigError, match=r"cxrtk segment cannot work under .* allow at least 1\.3 GB"):
        address_space.require(1_300_000_000, "cxrtk segment")
