"""Reader of one file, or of all images below a folder, in any supported format."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxrtk import ConfigError, CxrReadError, DataError, Radiograph, Reader, pixels, readers

logger = logging.getLogger(__name__)

FORMATS = ("DICOM", "PNG", "NIfTI")  # PNG stands for JPEG too


@readers.register("files")
class Files(Reader):
    """Reader of PNG, JPEG, DICOM and NIfTI files, detected by content; it knows no patients and no labels.

    In a folder, files are selected by name: an image suffix, no suffix, or a name of digits only, as DICOM
    files have. Other files are skipped and counted in the log. A file given explicitly is read whatever its
    name.

    Args:
        root: A file, a folder that is searched recursively, or a list of files.
        modalities: Values of (0008,0060) Modality of the DICOM files to read, with an empty string for files
            without one; ``None`` for any. A file given explicitly is read whatever its modality.
        voi: Contrast of DICOM files: ``auto``, ``lut``, ``window``, ``percentile`` or ``none``.
        refuse: Flags (`cxrtk.pixels.FLAGS`) that make a file an error.
        only: List with the only format of `FORMATS` to read; ``None`` for all. In a folder, ``["DICOM"]``
            selects DICOM files by content.

    Raises:
        ConfigError: The value of `only` is not supported.
    """

    def __init__(
        self,
        root: str | Path | Sequence[str],
        modalities: Sequence[str] | None = ("CR", "DX", "RG", ""),
        voi: str = "auto",
        refuse: Sequence[str] = (),
        only: Sequence[str] | None = None,
    ) -> None:
        if only is not None and (len(only) != 1 or only[0] not in FORMATS):
            raise ConfigError(f"The reader 'files' takes one of {', '.join(FORMATS)} as only, not {only!r}.")
        self.roots = [Path(root)] if isinstance(root, (str, Path)) else [Path(each) for each in root]
        self.only = only[0] if only is not None else ""
        named = not self.roots[0].is_dir()
        self._how: dict[str, Any] = {
            "modalities": None if named else modalities,
            "voi": voi,
            "refuse": refuse,
        }
        self._ignored = 0

    def items(self) -> list[dict[str, Any]]:
        """List dicts with ``image`` and ``patient`` (one per file); files of a folder are sorted by path.

        Raises:
            DataError: The root does not exist, or there is no image below it.
        """
        images = [image for root in self.roots for image in self._images(root)]
        return [{"image": image, "patient": image} for image in images]

    def ignored(self) -> int:
        """Return the number of files below the folder that are not images by their names."""
        return self._ignored

    def read(self, path: str | Path) -> Radiograph:
        """Read a file by `cxrtk.pixels.read`; raises `CxrReadError` if it is not a radiograph."""
        if self.only == "DICOM":
            return pixels.read_dicom(path, **self._how)
        if self.only == "PNG":
            return pixels.read_png(path, refuse=self._how["refuse"])
        if self.only == "NIfTI":
            return pixels.read_nifti(path, refuse=self._how["refuse"])
        return pixels.read(path, **self._how)

    def _images(self, root: Path) -> list[str]:
        if not root.exists() and not root.is_symlink():
            raise DataError(f"{root.resolve()}: no such file or folder; check the path.")
        if not root.is_dir():
            return [str(root)]
        every = pixels.walk_files(root)
        images = [str(path) for path in every if self._is_listed(path)]
        if not images:
            if self.only == "DICOM":
                raise DataError(f"No DICOM file in {root.resolve()}.")
            raise DataError(
                f"No images in {root.resolve()}; {len(every)} other files. Images are PNG, JPEG, DICOM and "
                "NIfTI files."
            )
        self._ignored = len(every) - len(images)
        if self._ignored:
            logger.info("%s: files ignored that are not images: %d.", root, self._ignored)
        return images

    def _is_listed(self, path: Path) -> bool:
        """Return whether a path is listed; inaccessible paths are listed too, and fail when they are read."""
        if self.only != "DICOM":
            return pixels.is_image_name(path.name)
        try:
            return pixels.is_dicom(path)
        except CxrReadError:
            return True
