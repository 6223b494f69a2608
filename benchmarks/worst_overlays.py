"""Pictures of the worst masks of a model over all sources, with their flags and scores.

    python benchmarks/worst_overlays.py --output runs/worst
    python benchmarks/worst_overlays.py --model runs/without-wingspan.safetensors --sets wingspan --all

Dice is that of the lungs, by the convention of the labels: where these run through the heart, of the model's
output of that convention. Images are the test part of the run; with --all, every image of the sets. The
sheets (PNG, ten masks in a row, the worst first) are to be looked at; they show images that may not be
published.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from robustness import dice, test_items
from tqdm import tqdm
from unseen_overlays import SIDE, drawn

from cxrtk import Label, Reader, Segmentation, readers
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model
from cxrtk.models.membership import splits_beside

SETS = {
    "jsrt": "excluded",
    "jsrt512": "excluded",
    "openist": "excluded",
    "wingspan": "excluded",
    "covid_v7": "included",
    "kermany_v7": "included",
}
COLUMNS = 10


def reader_of(data: Path, name: str) -> Reader:
    """The reader of a set."""
    return readers.create("image_mask_folder", root=data / name, heart=SETS[name])


def measured(
    segmenters: Mapping[str, Segmenter], splits: Path | None, options: argparse.Namespace
) -> Iterator[tuple[float, str, dict[str, Any]]]:
    """(Dice, set, item) of each image."""
    for name in options.sets.split(","):
        reader = reader_of(options.data, name)
        for item in tqdm(test_items(reader, splits), name):
            found, label = segmented(segmenters[SETS[name]], reader, item)
            yield dice(found.lungs(), label.lungs()), name, item


def segmented(segmenter: Segmenter, reader: Reader, item: Mapping[str, Any]) -> tuple[Segmentation, Label]:
    """Segment one image; its label."""
    label = reader.read_label(item)
    assert label is not None
    return segmenter.segment(reader.read(item["image"])), label


def caption(value: float, name: str, found: Segmentation) -> str:
    """Source, Dice, flag and score, and the flag of the heart."""
    quality = found.quality
    heart = quality.get("organs", {}).get("heart")
    return f"{name} {value:.3f}\n{quality.get('flag')} {quality.get('score')}" + (
        f"\nheart {heart}" if heart else ""
    )


def sheet(pictures: list[Image.Image]) -> Image.Image:
    """All pictures, in rows."""
    rows = -(-len(pictures) // COLUMNS)
    found = Image.new("RGB", (COLUMNS * SIDE, rows * SIDE))
    for number, picture in enumerate(pictures):
        found.paste(picture, (number % COLUMNS * SIDE, number // COLUMNS * SIDE))
    return found


def main() -> None:
    """Measure all, and draw the worst."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="lungs", help="a shipped model, a run's folder, or a model file")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--all", action="store_true", help="every image of the sets")
    parser.add_argument("--count", type=int, default=50, help="how many masks are drawn")
    parser.add_argument("--output", type=Path, default=Path("runs/worst"))
    options = parser.parse_args()
    model = find_model(options.model)
    segmenters = {heart: Segmenter(model, convention=f"heart-{heart}") for heart in ("excluded", "included")}
    splits = None if options.all else splits_beside(options.model)
    found = sorted(measured(segmenters, splits, options), key=lambda each: each[0])[: options.count]
    pictures = []
    for value, name, item in found:  # again: the masks of all images would need gigabytes
        segmentation, label = segmented(segmenters[SETS[name]], reader_of(options.data, name), item)
        pictures.append(drawn(segmentation, label, caption(value, name, segmentation)))
    options.output.mkdir(parents=True, exist_ok=True)
    path = options.output / f"{Path(options.model).stem}-worst.png"
    sheet(pictures).save(path)
    print(path)


if __name__ == "__main__":
    main()
