"""Source of each picture on a page: the image itself, or the preview made from it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from cxrtk.api import Radiograph
from cxrtk.errors import ConfigError, CxrReadError
from cxrtk.inference.segmentation.preview import LARGEST
from cxrtk.passes.reading import Read, ReadAhead
from cxrtk.report import masks as written
from cxrtk.report import pictures
from cxrtk.report.entries import Entry
from cxrtk.report.pictures import Picture

IMAGE, PREVIEW, NOWHERE = "image", "preview", ""
AHEAD = 4  # number of radiographs to read ahead

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shown:
    """Displayable content of one image.

    Attributes:
        picture: Overlay of the image; ``None`` if it cannot be shown.
        source: ``image``, ``preview``, or empty.
        notes: Missing parts and their reasons, one sentence each.
    """

    picture: Picture | None
    source: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Images:
    """Current folder and reader of the segmented images.

    Attributes:
        folder: Input of ``cxrtk segment -i``, or the folder of that file; ``None`` if unknown.
        reader: Name of the reader plugin of the files.
        workers: Number of worker processes that read images.

    Raises:
        ConfigError: The folder does not exist.
    """

    folder: Path | None = None
    reader: str = "files"
    workers: int = 1

    def __post_init__(self) -> None:
        if self.folder is not None and not self.folder.exists():
            raise ConfigError(f"{self.folder}: no such file or folder; name the input of cxrtk segment.")

    @property
    def root(self) -> Path | None:
        """Folder to which the names in the manifest are relative."""
        return self.folder.parent if self.folder is not None and self.folder.is_file() else self.folder


def show(entries: Sequence[Entry], folder: Path, images: Images, side: int) -> Iterator[Shown]:
    """Yield the displayable content of each entry, in order.

    Args:
        entries: Entries of the manifest; those that could not be read have no picture.
        folder: Folder of the outputs.
        images: Current folder and reader of the images.
        side: Longer side of a picture, in pixels.
    """
    if images.root is None:
        for entry in entries:
            yield _show(entry, folder, None, side)
        return
    root = images.root
    with ReadAhead(images.reader, {"root": str(root)}, workers=images.workers, ahead=AHEAD) as files:
        wanted = [entry for entry in entries if entry.segmented and _found(root, entry)]
        stream = files.read(str(written.inside(root, entry.input)) for entry in wanted)
        there = {entry.input for entry in wanted}
        for entry in entries:
            yield _show(entry, folder, next(stream) if entry.input in there else None, side)


def _found(root: Path, entry: Entry) -> bool:
    try:
        return written.inside(root, entry.input).is_file()
    except CxrReadError as error:
        logger.warning("%s", error)
        return False


def _show(entry: Entry, folder: Path, read: Read | None, side: int) -> Shown:
    if not entry.segmented:
        return Shown(None, NOWHERE)
    notes: list[str] = []
    masks = masks_of(entry, folder, notes)
    radiograph = _radiograph(entry, read, notes)
    if radiograph is not None:
        size = radiograph.pixels.shape
        if any(mask.shape != size for mask in masks.values()):
            notes.append("The masks are of another size than the image, and are not shown.")
            masks = {}
        shades = pictures.stretched(pictures.shrink(radiograph.pixels, pictures.fit(_size(size), side)))
        return Shown(_with(shades, masks), IMAGE, tuple(notes))
    preview = preview_of(entry, folder, notes)
    if preview is None:
        notes.append("There is no picture: neither the image nor a preview was found.")
        return Shown(None, NOWHERE, tuple(notes))
    small = preview.resize(pictures.fit((preview.height, preview.width), side)[::-1], Image.Resampling.BOX)
    notes.append("The masks are part of this picture, which is the preview; the image itself was not found.")
    return Shown(pictures.coloured(np.asarray(small)), PREVIEW, tuple(notes))


def radiograph_of(entry: Entry, images: Images, notes: list[str]) -> Radiograph | None:
    """Read one image if it is unchanged since its segmentation; add the reason to `notes` if not shown."""
    if images.root is None or not _found(images.root, entry):
        return None
    with ReadAhead(images.reader, {"root": str(images.root)}, workers=1, ahead=1) as files:
        read = next(files.read(iter([str(written.inside(images.root, entry.input))])))
    return _radiograph(entry, read, notes)


def masks_of(entry: Entry, folder: Path, notes: list[str]) -> dict[str, written.Mask]:
    """Read an image's (H, W) masks of zeros and ones by class; else add the reason to `notes`."""
    try:
        masks = written.read_masks(folder, entry.outputs)
    except CxrReadError as error:
        notes.append(f"The masks cannot be shown: their file {error.reason}.")
        return {}
    if not written.masks_file(entry.outputs):
        notes.append("The masks cannot be shown: they were not written as PNG.")
    return masks


def _radiograph(entry: Entry, read: Read | None, notes: list[str]) -> Radiograph | None:
    if read is None:
        return None
    if read.radiograph is None:
        assert read.error is not None
        notes.append(f"The image cannot be read any more: it {read.error.reason}.")
        return None
    if read.sha256 != entry.input_sha256:
        notes.append("The image was changed after it was segmented, and is not shown.")
        return None
    return read.radiograph


def preview_of(entry: Entry, folder: Path, notes: list[str]) -> Image.Image | None:
    """Read an image's preview if it is unchanged since it was written; else add the reason to `notes`."""
    name = written.preview_file(entry.outputs)
    if not name:
        return None
    try:
        path = written.unchanged(folder, name, entry.outputs[name])
        with Image.open(path, formats=("JPEG",)) as picture:
            if max(picture.size) > 2 * LARGEST:  # a preview may have two pictures side by side
                raise CxrReadError(name, "is larger than a preview", cure="segment again", code="too_large")
            return picture.convert("RGB")
    except CxrReadError as error:
        notes.append(f"The preview cannot be shown: its file {error.reason}.")
    except OSError as error:
        logger.debug("%s: %s", name, error)
        notes.append("The preview cannot be shown: its file is damaged.")
    return None


def _with(shades: pictures.Grey, masks: dict[str, written.Mask]) -> Picture:
    return pictures.picture_of(shades, [(written.STYLES[name], mask) for name, mask in masks.items()])


def _size(shape: tuple[int, ...]) -> pictures.Size:
    return shape[0], shape[1]
