"""Grey PNG files of one folder, each of another patient."""

from pathlib import Path
from typing import Any

from cxrtk import DataError, Radiograph, Reader, pixels, readers


@readers.register("png_folder")
class PngFolder(Reader):
    """The PNG files in `root`; a file's stem is its patient."""

    def __init__(self, root: str) -> None:
        self.paths = sorted(Path(root).glob("*.png"))
        if not self.paths:
            raise DataError(f"{root}: holds no PNG file; name the folder of the images.")

    def items(self) -> list[dict[str, Any]]:
        """One item a file, by name."""
        return [{"image": str(path), "patient": path.stem} for path in self.paths]

    def read(self, path: str | Path) -> Radiograph:
        """(H, W) in [0, 1], as stored."""
        return pixels.read_png(path)
