"""Files of predicted masks, found by the names of their images in the conventions of segmentation tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

from cxrtk.classes import SIDES
from cxrtk.data.labels import class_of
from cxrtk.data.pixels import is_image_name, stem_of, walk_files
from cxrtk.errors import DataError

# Endings after the stem of the image, in the order of the search.
ENDINGS = (
    *("", "_mask", "_pred", "_prediction", "_seg", "_segmentation"),
    *("_lungs", "_lung", "_label", "_labels", "_out"),
)
SIDES_OF = (("_right", "_left"), ("_right_lung", "_left_lung"), ("_right_mask", "_left_mask"), ("_r", "_l"))
CHANNEL = "_0000"  # suffix of an image's name in nnU-Net, which drops it from the prediction's name


class PredictionFiles:
    """The files in a folder, by the names of images.

    The mask of ``a/chest.png`` is ``a/chest.*`` in the folder, possibly with one of `ENDINGS`; otherwise a
    file of such a name anywhere below the folder. The two lungs may be in separate files: in folders such as
    ``right`` and ``left``, or with a pair of `SIDES_OF`.

    Args:
        folder: Folder of the masks.

    Raises:
        DataError: The folder does not exist or holds no image.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise DataError(f"{folder}: no such folder; name that of the predicted masks.")
        self.folder = folder
        files = [path for path in walk_files(folder) if is_image_name(path.name)]
        if not files:
            raise DataError(f"{folder}: holds no masks; PNG, NIfTI and DICOM files count.")
        self.first = files[0]
        self._by_path: dict[str, list[Path]] = {}
        self._by_stem: dict[str, list[Path]] = {}
        for path in files:
            stem = stem_of(path.name)
            below = path.relative_to(folder).parent / stem
            self._by_path.setdefault(below.as_posix(), []).append(path)
            self._by_stem.setdefault(stem, []).append(path)

    def of(self, name: str) -> list[Path]:
        """Return the files of an image: one, or two for its sides; any other number is not usable.

        Args:
            name: Path of the image below the data set's folder.
        """
        image = PurePath(name)
        stem = stem_of(image.name)
        stems = [stem, stem.removesuffix(CHANNEL)] if stem.endswith(CHANNEL) else [stem]
        for each in stems:
            for index, key in ((self._by_path, (image.parent / each).as_posix()), (self._by_stem, each)):
                for ending in ENDINGS:
                    if key + ending in index:
                        return index[key + ending]
                for pair in SIDES_OF:
                    if all(len(index.get(key + ending, ())) == 1 for ending in pair):
                        return [index[key + ending][0] for ending in pair]
        return []


def are_sides(files: Sequence[Path]) -> bool:
    """Return whether two files are the two lungs, judged by the names of their folders or files."""
    if len(files) != 2:
        return False
    for sides in ([class_of(file.parent.name) for file in files], [_last(file) for file in files]):
        if set(sides) == set(SIDES):
            return True
    return False


def _last(file: Path) -> str:
    """Return the class of the last part of a file's name: ``chest_right_lung.png`` -> ``right_lung``."""
    words = stem_of(file.name).split("_")
    return next((found for n in (1, 2) if (found := class_of("_".join(words[-n:]))) in SIDES), "")
