"""Time, memory and size of the page that `cxrtk report` makes of many images.

    python benchmarks/report.py --images 1000 --size 1024

A few phantoms are drawn, and their exact masks written and measured as `cxrtk segment` does; images and
outputs are then repeated under other names until there are enough, every third one flagged. Then the command
runs as a user runs it, start-up included: once with nothing but previews, once with the images. Processor
seconds are those of all its processes, which on a machine with other work say more than seconds do; peak
memory is that of the largest.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cxrtk import Radiograph, Segmentation
from cxrtk.data.digest import sha256
from cxrtk.data.phantom import draw
from cxrtk.inference.segmentation.measures import measure
from cxrtk.inference.segmentation.writing import save
from cxrtk.passes import manifest
from cxrtk.report.entries import Entry

CLASSES = ("right_lung", "left_lung", "heart")
MADE_BY: dict[str, Any] = {
    "model": {"name": "exact", "sha256": "", "version": ""},
    "settings": {"preview": True},
}
FLAGS = ("ok", "review", "ok")


def original(seed: int, size: int, images: Path, outputs: Path) -> Entry:
    """One phantom, and what a model that is always right would write of it."""
    phantom = draw(seed, size)
    path = images / f"{seed:05}.png"
    Image.fromarray((phantom.pixels * 255).astype(np.uint8)).save(path)
    masks = np.stack([phantom.right_lung, phantom.left_lung, phantom.heart])
    radiograph = Radiograph(phantom.pixels, phantom.spacing_mm, "table")
    found = Segmentation(
        path,
        radiograph,
        masks,
        CLASSES,
        masks.astype(np.float32),
        measure(masks, CLASSES, radiograph),
        {},
        {},
    )
    written = save(found, outputs / path.stem, preview=True)
    return Entry(
        input=path.name,
        status="ok",
        input_sha256=sha256(path),
        outputs={one.name: sha256(one) for one in written},
        measures=found.measures,
        **MADE_BY,
    )


def copy(entry: Entry, number: int, images: Path, outputs: Path) -> Entry:
    """The same under another name; the files are links."""
    old, new = Path(entry.input).stem, f"{number:05}"
    if new != old:
        os.link(images / entry.input, images / f"{new}.png")
        for name in entry.outputs:
            os.link(outputs / name, outputs / name.replace(old, new))
    flag = FLAGS[number % len(FLAGS)]
    reasons = [] if flag == "ok" else ["one lung is much smaller than the other (31% of both)"]
    return Entry(
        input=f"{new}.png",
        status="ok",
        input_sha256=entry.input_sha256,
        outputs={name.replace(old, new): digest for name, digest in entry.outputs.items()},
        measures=entry.measures,
        quality={"flag": flag, "score": round(1 - number % 97 / 200, 4), "reasons": reasons},
        **MADE_BY,
    )


def make(folder: Path, count: int, different: int, size: int) -> tuple[Path, Path]:
    """Folders of images and of outputs."""
    images, outputs = folder / "images", folder / "outputs"
    images.mkdir()
    outputs.mkdir()
    drawn = [original(seed, size, images, outputs) for seed in range(min(different, count))]
    entries = [copy(drawn[number % len(drawn)], number, images, outputs) for number in range(count)]
    lines = (
        json.dumps({**entry.as_json(), "measures": entry.measures, "quality": entry.quality})
        for entry in entries
    )
    (outputs / manifest.FILE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return images, outputs


def main() -> None:
    """Make the folder, run the command, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--different", type=int, default=20, help="phantoms that are drawn")
    parser.add_argument("--size", type=int, default=1024, help="rows and columns of each image")
    parser.add_argument("--workers", type=int, default=1, help="processes that read images")
    parser.add_argument("--keep", type=Path, help="copy the page here")
    args = parser.parse_args()

    heads = ("pictures from", "images", "size", "seconds", "processor seconds", "MB", "peak MB")
    print(f"| {' | '.join(heads)} |\n{'| --- ' * len(heads)}|")
    with tempfile.TemporaryDirectory() as place:
        images, outputs = make(Path(place), args.images, args.different, args.size)
        page = Path(place) / "report.html"
        command = [sys.executable, "-m", "cxrtk", "report", str(outputs), "-o", str(page), "-q"]
        with_images = ["-i", str(images), "--workers", str(args.workers)]
        for name, more in (("the previews", []), ("the images", with_images)):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            started = time.monotonic()
            subprocess.run([*command, *more], check=True)
            seconds = time.monotonic() - started
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            cells = (
                name,
                args.images,
                f"{args.size} x {args.size}",
                f"{seconds:.0f}",
                f"{busy:.0f}",
                f"{page.stat().st_size / 1e6:.1f}",
                f"{after.ru_maxrss / 1024:.0f}",
            )
            print("|", " | ".join(map(str, cells)), "|", flush=True)
        if args.keep:
            args.keep.write_bytes(page.read_bytes())


if __name__ == "__main__":
    main()
