"""Overlays of the last validation of a run, from its TensorBoard files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from PIL import Image

from cxrtk.report.figures.canvas import Drawn, drawn

FOLDER = "validation"
TAG = "overlay/"
MOST = 4


@dataclass(frozen=True)
class Snapshot:
    """Picture of an image with its masks in one epoch, as shown by TensorBoard: (H, W, 3) uint8."""

    epoch: int
    picture: npt.NDArray[np.uint8]


def last(folder: Path) -> list[Snapshot]:
    """Read the latest image of each tag; empty if the run kept none.

    Args:
        folder: Folder of the run.
    """
    place = folder / FOLDER
    if not place.is_dir():
        return []
    # Imported here because it takes a second, and most pages do not need it.
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(place), size_guidance={"images": 1})
    events.Reload()
    found = []
    for tag in sorted(each for each in events.Tags()["images"] if each.startswith(TAG))[:MOST]:
        newest = events.Images(tag)[-1]
        with Image.open(io.BytesIO(newest.encoded_image_string), formats=("PNG",)) as picture:
            found.append(Snapshot(int(newest.step), np.asarray(picture.convert("RGB"))))
    return found


def draw(found: Sequence[Snapshot]) -> Drawn:
    """Draw the snapshots one below the other.

    Args:
        found: Snapshots from `last`; not empty.
    """

    def put(figure: Figure) -> None:
        for paper, one in zip(figure.subplots(len(found), 1, squeeze=False)[:, 0], found, strict=True):
            paper.imshow(one.picture, interpolation="antialiased")
            paper.set_axis_off()

    epochs = sorted({one.epoch for one in found})
    when = f"epoch {epochs[-1]}" if len(epochs) == 1 else f"epochs {epochs[0]} to {epochs[-1]}"
    says = (
        f"The first validation images after {when}, at the size of the network's input, with "
        "truth and prediction."
    )
    tall = sum(one.picture.shape[0] / one.picture.shape[1] for one in found) * 4.8
    return drawn("snapshots", "Validation images", says, put, size=(4.8, tall + 0.2))
