"""Number of torch threads: one, for every runner of a pass.

The last bits of a convolution depend on the number of threads (measured; see docs/scale.md), and so would the
masks. Several cores are used by several processes with one thread each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cxrtk.process.environment import variable

THREADS = 1


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
    with variable("OMP_NUM_THREADS", str(THREADS)):
        yield
