"""A mask, a preview and a table row for each image of a reader: the work of `cxrtk masks`."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from cxrtk.api import MaskGenerator, Reader
from cxrtk.data.atomic import replacing
from cxrtk.data.outputs import Job, check_output_dir, jobs_of, reason
from cxrtk.data.overlay import overlay
from cxrtk.errors import CxrError, PluginBroken

PREVIEW_SIDE = 1024  # pixels, longest side

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """One line of the table; numbers are ``None`` where there is no mask.

    Attributes:
        image: Path under the input folder.
        width: Pixels.
        height: Pixels.
        mean: Of all pixels, which lie in [0, 1].
        median: Of all pixels.
        threshold: The value at which the generator cut, where it has one.
        lung_fraction: Share of the pixels that the mask holds.
        status: ``ok``, ``empty`` (the mask holds no pixel) or ``failed``.
        reason: Why it failed; no header values.
    """

    image: str
    width: int | None = None
    height: int | None = None
    mean: float | None = None
    median: float | None = None
    threshold: float | None = None
    lung_fraction: float | None = None
    status: str = "ok"
    reason: str = ""


def plan(reader: Reader, *, input_dir: Path, output_dir: Path) -> list[Job]:
    """One job for each of the reader's images, no two with the same outputs.

    Raises:
        ConfigError: The output folder lies inside the input folder.
        DataError: There is no image, or two would share an output.
    """
    check_output_dir(output_dir, input_dir)
    images = [str(item["image"]) for item in reader.items()]
    return jobs_of(images, input_dir, output_dir)


def run(job: Job, reader: Reader, generator: MaskGenerator) -> Row:
    """Write ``<stem>_mask.png`` (0 and 255, the image's size) and ``<stem>_preview.jpg``, each whole.

    An image that cannot be read, or that the generator fails on, gives a row that says so.
    """
    try:
        pixels = reader.read(job.image).pixels  # (H, W)
        mask, threshold = make_mask(generator, pixels)  # (H, W)
    except CxrError as error:
        logger.warning("%s", error)
        return Row(job.name, status="failed", reason=reason(error))
    except Exception as error:  # noqa: BLE001 - the plugin boundary: one image must not stop the others
        logger.warning("%s: %s: %s", job.name, type(error).__name__, error)
        return Row(job.name, status="failed", reason=f"unexpected {type(error).__name__}; the log says more")
    with replacing(_with(job.stem, "_mask.png")) as part:
        Image.fromarray(mask * np.uint8(255)).save(part)
    with replacing(_with(job.stem, "_preview.jpg")) as part:
        preview(pixels, mask).save(part, quality=85)
    return Row(
        image=job.name,
        width=pixels.shape[1],
        height=pixels.shape[0],
        mean=round(float(pixels.mean(dtype=np.float64)), 6),
        median=round(float(np.median(pixels)), 6),
        threshold=threshold,
        lung_fraction=round(float(mask.mean()), 6),
        status="ok" if mask.any() else "empty",
    )


def make_mask(
    generator: MaskGenerator, pixels: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.uint8], float | None]:
    """(H, W) pixels in [0, 1] -> (H, W) uint8 of zeros and ones, and the threshold that made it.

    The threshold is what ``meta["statistics"]`` of a `monai.data.MetaTensor` says, or ``None``.

    Raises:
        PluginBroken: The generator gives something else.
    """
    result = generator(torch.from_numpy(pixels.copy())[None])
    threshold = getattr(result, "meta", {}).get("statistics", {}).get("threshold")
    mask = result.as_subclass(torch.Tensor)[0].numpy()
    if mask.shape != pixels.shape or not np.isin(mask, (0, 1)).all():
        raise PluginBroken(
            f"{type(generator).__name__} gave a mask of {mask.shape}, from {mask.min()} to {mask.max()}, for "
            f"an image of {pixels.shape}; it must be as large, of zeros and ones."
        )
    return mask.astype(np.uint8), None if threshold is None else round(float(threshold), 6)


def preview(pixels: npt.NDArray[np.float32], mask: npt.NDArray[np.uint8]) -> Image.Image:
    """The mask over the image, its contrast stretched between percentiles 1 and 99, at most 1024 a side."""
    low, high = np.percentile(pixels, (1, 99))
    stretched = (pixels - low) / max(high - low, 1e-6)
    picture = Image.fromarray(overlay(stretched, mask))
    picture.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return picture


def write_table(rows: Iterable[Row], path: Path) -> None:
    """Write the rows as CSV; what is ``None`` is left blank."""
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Row))
        writer.writerows(astuple(row) for row in rows)


def _with(stem: Path, ending: str) -> Path:
    return stem.with_name(stem.name + ending)
