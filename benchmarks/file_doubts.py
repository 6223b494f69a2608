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
    """Print a line a folder: images, those in doubt, and the reasons with their counts."""
    data = Path(os.environ.get("CXRTK_DATA", "../shared/data"))
    for folder in sorted(path.parent for path in data.glob("*/images")):
        paths = sorted(path for path in (folder / "images").iterdir() if path.is_file())
        found = [doubts(pixels.read(path)) for path in track(paths, f"{folder.name}:")]
        reasons = Counter(reason.split(":")[0] for some in found for reason in some)
        print(folder.name, len(paths), sum(map(bool, found)), dict(reasons))


if __name__ == "__main__":
    main()
