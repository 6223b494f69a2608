"""Parts that the scripts share: time and operations of a call, grey values, the report of results."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

THREADS = "1"
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_name, THREADS)


def milliseconds(call: Callable[[], Any], images: int, repeats: int) -> float:
    """The least processor time an image of several calls, each of which does `images`; the first warms up."""
    times = []
    for _ in range(repeats + 1):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return round(1000 * min(times[1:]) / images, 2)


def gflops(network: Any, image: Any) -> float:
    """Billions of floating-point operations of a forward pass of a PyTorch network."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(image)
    return round(counter.get_total_flops() / 1e9, 1)


def stretched(grey: Any) -> Any:
    """Grey values, an array, as float32 from 0 to 1 between the percentiles 1 and 99."""
    import numpy as np

    values = np.asarray(grey, np.float32)
    low, high = np.percentile(values, (1, 99))
    return np.clip((values - low) / (high - low), 0, 1)


def report(name: str, **numbers: float | str) -> None:
    """Hand a row of numbers to `benchmarks/peers.py`, which reads lines that begin with RESULT."""
    print("RESULT", json.dumps({"name": name, **numbers}), flush=True)
