"""How many threads torch computes with: one, whoever runs a pass.

The last bits of a convolution depend on the number of threads (measured; see docs/scale.md), and so would
masks. Several processors are put to use by several processes, each with one thread.
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
    """Let torch compute with `THREADS` threads in a block; afterwards it has as many as before.

    Where torch was not imported yet, the environment says it to the import that may come in the block.
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
