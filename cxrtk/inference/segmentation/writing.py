"""Output files of one segmentation: those of writer plugins, a picture and the probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cxrtk.api import Segmentation
from cxrtk.errors import ConfigError, CxrReadError
from cxrtk.passes.outputs import hidden, publish
from cxrtk.registry import writers as plugins

FORMATS = ("png", "json", "csv")
ENDINGS = ("_labels", "_preview", "_probabilities")
QUALITY = 85  # JPEG quality


class SegmentationWriter:
    """Writes segmentations in one or more formats.

    Args:
        formats: Names of writer plugins; ``dicom-seg`` is accepted for ``dicom_seg``.
        preview: Also write ``<stem>_preview.jpg``, a picture of the image with the outlines of the masks; see
            `cxrtk.inference.segmentation.preview.preview`.
        fill: Tint the insides of the masks in the picture.
        side_by_side: Place the plain image beside the picture.
        probabilities: Also write ``<stem>_probabilities.npz``: ``probabilities`` (C, S, S) float16 at the
            network's size, and ``classes``.

    Raises:
        ConfigError: No output is selected: no format, no picture and no probabilities.
        PluginNotFound: A writer does not exist.
    """

    def __init__(
        self,
        formats: Sequence[str] = FORMATS,
        *,
        preview: bool = False,
        fill: bool = False,
        side_by_side: bool = False,
        probabilities: bool = False,
    ) -> None:
        self.names = [name.strip().replace("-", "_") for name in formats if name.strip()]
        if not self.names and not preview and not probabilities:
            raise ConfigError(f"Nothing is to be written; name formats, such as {','.join(FORMATS)}.")
        self.writers = [plugins.create(name) for name in dict.fromkeys(self.names)]
        self.preview = preview
        self.style = {"fill": fill, "side_by_side": side_by_side}
        self.probabilities = probabilities

    def settings(self) -> dict[str, Any]:
        """Return all settings that determine the files."""
        style = {"preview_style": self.style} if self.preview else {}
        return {"writers": self.names, "preview": self.preview, **style, "probabilities": self.probabilities}

    def write(self, segmentation: Segmentation, stem: Path) -> tuple[list[Path], CxrReadError | None]:
        """Write the files of one radiograph.

        Args:
            segmentation: Segmentation to write.
            stem: Output path without a suffix; its folder must exist.

        Returns:
            The files written, and the first error of a writer (such as DICOM SEG for a PNG), if any; the
            other writers still write their files.
        """
        files: list[Path] = []
        refusal: CxrReadError | None = None
        for writer in self.writers:
            try:
                files += writer.write(segmentation, stem)
            except CxrReadError as error:
                refusal = refusal or error
        if self.preview:
            from cxrtk.inference.segmentation.preview import preview  # not needed in most runs

            path = stem.with_name(f"{stem.name}_preview.jpg")
            preview(segmentation, **self.style).save(path, quality=QUALITY)
            files.append(path)
        if self.probabilities:
            files.append(_probabilities(segmentation, stem))
        return files, refusal

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """Write the files about all radiographs together; see `cxrtk.Writer.finish`."""
        return [path for writer in self.writers for path in writer.finish(output_dir, rows)]


def save(
    segmentation: Segmentation,
    stem: str | Path,
    formats: Sequence[str] = ("png",),
    *,
    preview: bool = False,
    probabilities: bool = False,
) -> list[Path]:
    """Write one segmentation; each file is written completely or not at all.

    Args:
        segmentation: Segmentation to write.
        stem: Output path without a suffix, such as ``out/chest``; missing folders are created.
        formats: Names of writer plugins; see `SegmentationWriter`.
        preview: Also write a picture; see `SegmentationWriter`.
        probabilities: Also write the probabilities; see `SegmentationWriter`.

    Returns:
        The files written, sorted.

    Raises:
        CxrReadError: A writer refused the segmentation; the files of the other writers are written.
    """
    writer, stem = SegmentationWriter(formats, preview=preview, probabilities=probabilities), Path(stem)
    with hidden(stem, stem.parent) as part:
        files, refusal = writer.write(segmentation, part)
        written = publish(files, part, stem, stem.parent)
    if refusal is not None:
        raise refusal
    return [stem.parent / name for name in written]


def _probabilities(segmentation: Segmentation, stem: Path) -> Path:
    path = stem.with_name(f"{stem.name}_probabilities.npz")
    np.savez_compressed(
        path,
        probabilities=segmentation.probabilities.astype(np.float16),
        classes=np.array(segmentation.classes),
    )
    return path
