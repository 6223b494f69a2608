"""How many files of each folder are in doubt whatever their masks, by `cxrtk.inference.quality.doubts`.

    python benchmarks/file_doubts.py

Reads every image of the folders of CXRTK_DATA that have an ``images`` folder. Frontal radiographs should be
in no doubt; those of ``not_frontal`` and ``not_chest`` should.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import track

from cxrtk import pixels
from cxrtk.inference.quality.doubts import doubts


def main() -> None:
    """Print a row a folder: images, those in doubt, the reasons with their counts, the longest shape."""
    data = Path(os.environ.get("CXRTK_DATA", "../shared/data"))
    print("| folder | images | in doubt | reasons | longest shape |\n" + "| --- " * 5 + "|")
    for folder in sorted(path.parent for path in data.glob("*/images")):
        paths = sorted(path for path in (folder / "images").iterdir() if path.is_file())
        found, longest = [], 1.0
        for path in track(paths, f"{folder.name}:", console=Console(stderr=True)):
            radiograph = pixels.read(path)
            found.append(doubts(radiograph))
            longest = max(longest, max(radiograph.pixels.shape) / min(radiograph.pixels.shape))
        reasons = Counter(reason.split(":")[0] for some in found for reason in some)
        listed = "; ".join(f"{reason} ({count})" for reason, count in sorted(reasons.items()))
        cells = [folder.name, len(paths), sum(map(bool, found)), listed, f"{longest:.2f} : 1"]
        print("| " + " | ".join(map(str, cells)) + " |")


if __name__ == "__main__":
    main()
