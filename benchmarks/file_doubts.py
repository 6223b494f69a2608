"""How many files of each folder are in doubt whatever their masks, by `cxrtk.inference.quality.doubts`.

    python benchmarks/file_doubts.py

Reads every image of the folders of CXRTK_DATA that have an ``images`` folder. Frontal radiographs should be
in no doubt; those of ``not_frontal`` and ``not_chest`` should.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from rich.progress import track

from cxrtk import pixels
from cxrtk.inference.quality.doubts import doubts


def main() -> None:
    """Print a line a folder: images, those in doubt, the reasons with their counts, the longest shape."""
    data = Path(os.environ.get("CXRTK_DATA", "../shared/data"))
    for folder in sorted(path.parent for path in data.glob("*/images")):
        paths = sorted(path for path in (folder / "images").iterdir() if path.is_file())
        found, longest = [], 1.0
        for path in track(paths, f"{folder.name}:"):
            radiograph = pixels.read(path)
            found.append(doubts(radiograph))
            longest = max(longest, max(radiograph.pixels.shape) / min(radiograph.pixels.shape))
        reasons = Counter(reason.split(":")[0] for some in found for reason in some)
        print(folder.name, len(paths), sum(map(bool, found)), dict(reasons), f"sides at most {longest:.2f}")


if __name__ == "__main__":
    main()
