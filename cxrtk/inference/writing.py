"""The files of one segmentation, each whole or not there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from cxrtk.api import Segmentation, Writer
from cxrtk.data.generate import preview
from cxrtk.errors import CxrReadError, PluginBroken

PART = ".cxrtk-part-"
QUALITY = 85


class Refused(CxrReadError):
    """A writer cannot write this segmentation; what the others wrote is there.

    Attributes:
        written: Their files, sorted.
    """

    def __init__(self, first: CxrReadError, written: list[Path]) -> None:
        super().__init__(first.path, first.what, cure=first.cure, tag=first.tag, code=first.code)
        self.written = written


def write_all(
    writers: Iterable[Writer],
    segmentation: Segmentation,
    stem: Path,
    *,
    with_preview: bool = False,
    with_probabilities: bool = False,
) -> list[Path]:
    """Let each writer write into a folder of its own, then move the files to where they belong.

    Args:
        writers: Of the formats wanted.
        segmentation: What to write.
        stem: Paths less an ending; missing folders are made.
        with_preview: Add ``<stem>_preview.jpg``, the masks over the image.
        with_probabilities: Add ``<stem>_probabilities.npz``: ``probabilities`` (C, S, S) float16 on the
            network's grid, and ``classes``.

    Returns:
        The files, sorted.

    Raises:
        Refused: A writer cannot write it; the files of the others are there.
        PluginBroken: A writer names a file that is not there, or that does not begin with the stem.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=PART, dir=stem.parent))
    refusals: list[CxrReadError] = []
    try:
        written = [
            path for writer in writers for path in _written(writer, segmentation, part / stem.name, refusals)
        ]
        if with_preview:
            written.append(_preview(segmentation, part / stem.name))
        if with_probabilities:
            written.append(_probabilities(segmentation, part / stem.name))
        for path in written:
            path.replace(stem.parent / path.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    files = sorted(stem.parent / path.name for path in written)
    if refusals:
        raise Refused(refusals[0], files)
    return files


def sweep(output_dir: Path) -> None:
    """Remove what a killed run left half-written below a folder."""
    for part in sorted(output_dir.rglob(f"{PART}*")):
        shutil.rmtree(part, ignore_errors=True)


def _written(
    writer: Writer, segmentation: Segmentation, stem: Path, refusals: list[CxrReadError]
) -> list[Path]:
    try:
        paths = writer.write(segmentation, stem)
    except CxrReadError as error:
        refusals.append(error)
        return []
    for path in paths:
        if path.parent != stem.parent or not path.name.startswith(stem.name) or not path.is_file():
            raise PluginBroken(
                f"{type(writer).__name__} says that it wrote {path.name}, which is not there or does not "
                f"begin with {stem.name}."
            )
    return paths


def _preview(segmentation: Segmentation, stem: Path) -> Path:
    path = stem.with_name(f"{stem.name}_preview.jpg")
    preview(segmentation.radiograph.pixels, segmentation.lungs()).save(path, quality=QUALITY)
    return path


def _probabilities(segmentation: Segmentation, stem: Path) -> Path:
    path = stem.with_name(f"{stem.name}_probabilities.npz")
    np.savez_compressed(
        path,
        probabilities=segmentation.probabilities.astype(np.float16),
        classes=np.array(segmentation.classes),
    )
    return path
