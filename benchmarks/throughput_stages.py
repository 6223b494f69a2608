"""Milliseconds an image of each stage of a segmentation, as JSON; run by `throughput.py` in a checkout."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

BATCH = 4
STAGES = ("read", "prepare", "network", "masks", "flag", "measures", "write", "all")
# stage -> module, class or nothing, functions; of several functions, the first that the checkout has
WHERE = {
    "prepare": ("cxrtk.models.predictor", "Predictor", ("prepare",)),
    "network": ("cxrtk.models.predictor", "Predictor", ("_outputs", "logits")),
    "masks": ("cxrtk.inference.segmentation.segmenter", "Segmenter", ("_cut",)),
    "flag": ("cxrtk.inference.quality.flag", "Assessor", ("__call__",)),
    "measures": ("cxrtk.inference.segmentation.segmenter", "", ("measure",)),
    "write": ("cxrtk.inference.segmentation.writing", "SegmentationWriter", ("write",)),
}


def main() -> None:
    """Segment a folder twice in one process, with a clock in each stage; the second time counts."""
    import torch

    from cxrtk import Segmenter, load_model
    from cxrtk.data.pixels import read
    from cxrtk.inference.segmentation.writing import SegmentationWriter

    torch.set_num_threads(1)
    spent: Counter[str] = Counter()
    for stage, (module, kind, names) in WHERE.items():
        __import__(module)
        owner = getattr(sys.modules[module], kind) if kind else sys.modules[module]
        name = next(each for each in names if hasattr(owner, each))
        setattr(owner, name, _timed(getattr(owner, name), stage, spent))
    segmenter, writer = Segmenter(load_model(sys.argv[2])), SegmentationWriter()
    reading = _timed(read, "read", spent)
    paths = sorted(Path(sys.argv[1]).iterdir())
    with tempfile.TemporaryDirectory() as folder:

        def segment() -> None:
            for start in range(0, len(paths), BATCH):
                some = paths[start : start + BATCH]
                found = segmenter.batch([reading(path) for path in some], paths=some)
                for path, one in zip(some, found, strict=True):
                    writer.write(one, Path(folder, path.stem))

        segment()
        spent.clear()
        _timed(segment, "all", spent)()
    print(json.dumps({stage: round(spent[stage] / len(paths) * 1000, 2) for stage in STAGES}))


def _timed(function: Callable[..., Any], stage: str, spent: Counter[str]) -> Callable[..., Any]:
    """A function that adds its processor time to a stage."""

    def timed(*args: Any, **kwargs: Any) -> Any:
        before = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[stage] += time.process_time() - before  # type: ignore[assignment]

    return timed


if __name__ == "__main__":
    main()
