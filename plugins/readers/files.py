"""One file, or all images below a folder, whatever their format."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from cxrtk import DataError, Radiograph, Reader, pixels, readers

logger = logging.getLogger(__name__)


@readers.register("files")
class Files(Reader):
    """Reads PNG, JPEG, DICOM and NIfTI files; the content says which. It knows no patients and no labels.

    In a folder, a file counts as an image by its name: a suffix of images, or none, or digits only, as DICOM
    files have. Others are passed over and counted in the log. A file that is named counts whatever its name.

    Args:
        root: A file, or a folder that is searched with all below it.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def items(self) -> list[dict[str, Any]]:
        """``image`` and ``patient`` (each file its own), sorted by path.

        Raises:
            DataError: There is no such root, or no image below it.
        """
        if not self.root.exists() and not self.root.is_symlink():
            raise DataError(f"{self.root.resolve()}: no such file or folder; check the path.")
        if not self.root.is_dir():
            return [{"image": str(self.root), "patient": str(self.root)}]
        every = pixels.walk_files(self.root)
        images = [str(path) for path in every if pixels.is_image_name(path.name)]
        if not images:
            raise DataError(
                f"No images in {self.root.resolve()}; {len(every)} other files. Images are PNG, JPEG, DICOM "
                "and NIfTI files."
            )
        if len(images) < len(every):
            logger.info("%s: %d files that are no images are ignored.", self.root, len(every) - len(images))
        return [{"image": image, "patient": image} for image in images]

    def read(self, path: str | Path) -> Radiograph:
        """By `cxrtk.pixels.read`; raises `CxrReadError` for whatever is no radiograph."""
        return pixels.read(path)
