"""Pictures of the best, the middle and the worst images of a source that a model never saw.

    python benchmarks/unseen_overlays.py --name sources+area-wingspan-256px-40ep-seed0 --output runs/unseen

For a training of `unseen_sources.py` whose run and results are there: ten images of each, with the model's
masks and the human's outlined (lungs and heart). One PNG file, to be looked at; those of sources that may not
be shown to others stay where the runs are.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from unseen_plan import FOLDS
from unseen_sources import RESULTS

from cxrtk import Label, Reader, Segmentation, readers
from cxrtk.data.overlay import MASK_COLOUR, TRUTH_COLOUR, outline
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model

SIDE = 320  # pixels of one picture
SHOWN = 10  # of each kind
SHOWN_ORGANS = ("right_lung", "left_lung", "heart")


def places(values: Sequence[float]) -> dict[str, list[int]]:
    """``best``, ``median``, ``worst`` -> places in `values`."""
    order = [int(place) for place in np.argsort(values)[::-1]]
    middle = max(0, (len(order) - SHOWN) // 2)
    return {"best": order[:SHOWN], "median": order[middle : middle + SHOWN], "worst": order[-SHOWN:]}


def picture(segmenter: Segmenter, reader: Reader, item: dict[str, Any], text: str) -> Image.Image:
    """Segment one image, and draw it."""
    radiograph, label = reader.read(item["image"]), reader.read_label(item)
    assert label is not None
    return drawn(segmenter.segment(radiograph), label, text)


def drawn(found: Segmentation, label: Label, text: str) -> Image.Image:
    """One image with both outlines, at `SIDE` pixels."""
    radiograph = found.radiograph
    assert radiograph is not None
    grey = np.round(np.clip(radiograph.pixels, 0, 1) * 255).astype(np.uint8)
    canvas = np.array(Image.fromarray(grey).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    predicted = Label(found.masks, found.classes, "model")
    for masks, colour in ((label, TRUTH_COLOUR), (predicted, MASK_COLOUR)):
        for mask in drawn_masks(masks):
            canvas[outline(scaled(mask))] = colour
    image = Image.fromarray(canvas)
    ImageDraw.Draw(image).text((4, 4), text, fill=(255, 255, 0), font_size=16)
    return image


def drawn_masks(label: Label) -> list[npt.NDArray[np.uint8]]:
    """The organs that a label has, each alone; lungs in one where it does not tell the sides apart."""
    by_name = dict(zip(label.classes, label.masks, strict=True))
    return [by_name[name] for name in (*SHOWN_ORGANS, "lungs") if name in by_name]


def scaled(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """At `SIDE` pixels."""
    whole = Image.fromarray(mask * np.uint8(255)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.asarray(whole) > 127


def main() -> None:
    """Draw one sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--name", required=True, help="of the training")
    parser.add_argument("--output", type=Path, default=Path("runs/unseen"), help="folder of the runs")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--organ", default="lungs", choices=("lungs", "heart"), help="whose Dice ranks them")
    options = parser.parse_args()
    content = json.loads((options.results / f"{options.name}.json").read_text(encoding="utf-8"))
    rows = [dict(zip(content["columns"], row, strict=True)) for row in content["rows"]]
    sources = {
        name: {"name": "image_mask_folder", "heart": "excluded"} for name in FOLDS[content["left_out"]]
    }
    reader = readers.create("several", root=options.data, sources=sources)
    items = {f"{item['source']}/{item['stem']}": item for item in reader.items()}
    segmenter = Segmenter(find_model(str(options.output / options.name)))
    sheet = Image.new("RGB", (SHOWN * SIDE, 3 * SIDE))
    for row, (kind, found) in enumerate(places([each[f"{options.organ}_dice"] for each in rows]).items()):
        for column, place in enumerate(found):
            about = rows[place]
            text = f"{kind} {about['lungs_dice']:.3f}"
            text += f", heart {about['heart_dice']:.3f}" if about["heart_dice"] is not None else ""
            sheet.paste(picture(segmenter, reader, items[about["image"]], text), (column * SIDE, row * SIDE))
    path = options.output / f"{options.name}-{options.organ}.png"
    sheet.save(path)
    print(path)


if __name__ == "__main__":
    main()
