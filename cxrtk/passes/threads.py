"""Number of torch threads: one, for every runner of a pass.

The last bits of a convolution depend on the number of threads (measured; see docs/scale.md), and so would the
masks. Several cores are used by several processes with one thread each.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

THREADS = 1
_VARIABLE = "OMP_NUM_THREADS"


@contextmanager
def fixed_threads() -> Iterator[None]:
    """Limit torch to `THREADS` threads within a block; restore the number afterwards.

    If torch is not imported yet, environment variables limit it in case it is imported within the block.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        before = torch.get_num_threads()
        torch.set_num_threads(THREADS)
        try:
            yield
        finally:
            torch.set_num_threads(before)
        return
    asked = os.environ.get(_VARIABLE)
    os.environ[_VARIABLE] = str(THREADS)
    try:
        yield
    finally:
        if asked is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = asked
