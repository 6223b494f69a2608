"""Lungs predicted by any tool, read from a folder: masks, class maps, probabilities, segmentations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cxrtk.api import Radiograph
from cxrtk.data.pixels import read_labels, read_mask
from cxrtk.errors import ConfigError, CxrReadError, DataError
from cxrtk.evaluation.case import Found
from cxrtk.inference.scoring.prediction_files import ENDINGS, PredictionFiles, are_sides
from cxrtk.passes.manifest import Entry, manifests

MOST_CLASSES = 16  # largest value that may be a class number; with larger ones, a file holds probabilities
TRIED = 5  # number of files to read before the pass begins
NEARLY_ALL = 0.9  # if this fraction of images has no usable prediction, the options are wrong

Masks = list[tuple[Path, npt.NDArray[np.uint8]]]
SizeOf = Callable[[str], tuple[int, int] | None]


class FolderLungs:
    """Lung masks in a folder, matched to the images by name; see `PredictionFiles`.

    A mask must have the size of the image and two values, with 0 as background; see `cxrtk.pixels.read_mask`.
    If two files belong to one image, one per lung, they are united. From a DICOM segmentation only the lungs
    are used.

    Args:
        folder: Folder of the masks. If `cxrtk segment` wrote it, its manifest states their convention.
        classes: Numbers that are lungs, if the files are class maps; empty for masks.
        threshold: Fraction of the range above which a pixel is lung, if the files are probabilities.

    Raises:
        ConfigError: Both are given, or one is out of range.
        DataError: The folder does not exist or holds no image.
    """

    def __init__(self, folder: Path, *, classes: Sequence[int] = (), threshold: float | None = None) -> None:
        if classes and threshold is not None:
            raise ConfigError("--classes is for class maps, --threshold for probabilities: give one.")
        if any(not 0 < each < 256 for each in classes):
            raise ConfigError(f"--classes {','.join(map(str, classes))}: numbers are 1 to 255.")
        if threshold is not None and not 0.0 < threshold < 1.0:
            raise ConfigError(f"The threshold must lie between 0 and 1, not {threshold}.")
        self._files = PredictionFiles(folder)
        self._classes = tuple(classes)
        self._threshold = threshold
        self._convention = stated_convention(folder)

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """Read the mask of the named image; without a usable mask, return an empty one and the reason.

        Raises:
            ConfigError: The heart convention of the masks differs from that of the ground truth.
        """
        if self._convention not in ("", f"heart-{heart}") and heart != "unknown":
            raise ConfigError(
                f"{self._files.folder}: its masks were made by --convention {self._convention}, and the true "
                f"ones have the heart {heart}: two conventions. Make them again by --convention "
                f"heart-{heart}."
            )
        rows, columns = radiograph.pixels.shape
        masks, reason = self._masks(self._files.of(name))
        reason = reason or _other_size(masks, (rows, columns))
        if reason:
            return Found(np.zeros((rows, columns), np.uint8), missing=reason)
        return Found(np.maximum.reduce([mask for _, mask in masks]))

    def files(self, name: str) -> list[str]:
        """Return the paths of the masks of the named image."""
        return [str(path) for path in self._files.of(name)]

    def check(self, names: Sequence[str], size_of: SizeOf) -> None:
        """Try to read some of the files before anything is written.

        Args:
            names: Paths of the images below the data set's folder.
            size_of: Returns (H, W) of an image, ``None`` if it cannot be read; called until one fits.

        Raises:
            DataError: No image has a file of its name, or none of the first files can be read with these
                options and has the size of its image.
        """
        tried = [name for name in names if self._files.of(name)][:TRIED]
        reasons = []
        for name in tried or names[:1]:
            masks, reason = self._masks(self._files.of(name))
            reason = reason or _other_size(masks, size_of(name))
            if not reason:
                return
            reasons.append(reason)
        if reasons:
            which = f"none of {len(names)} images has a file with its name" if not tried else (
                f"the first {len(tried)} of its files cannot be used"
            )  # fmt: skip
            raise DataError(f"{self._files.folder}: {which}: {reasons[0]}.")

    def _read(self, file: Path) -> npt.NDArray[np.uint8]:
        if not self._classes:
            return read_mask(file, threshold=self._threshold)
        return np.isin(read_labels(file), self._classes).astype(np.uint8)

    def _masks(self, files: Sequence[Path]) -> tuple[Masks, str]:
        """Read the masks of one image; if there is none, return why, and which option would read it."""
        if not files:
            first = self._files.first.relative_to(self._files.folder)
            endings = ", ".join(ENDINGS[1:])
            what = f"no files with its name, or with its name and {endings}; the folder contains {first}"
            return [], what
        if len(files) > 1 and not are_sides(files):
            return [], f"{len(files)} files with its name"
        masks = []
        for file in files:
            try:
                masks.append((file, self._read(file)))
            except CxrReadError as error:
                return [], f"{file.name} {error.reason}{self._option_for(file, error)}"
        return masks, ""

    def _option_for(self, file: Path, error: CxrReadError) -> str:
        """Return the option that would read a file, as the end of a sentence."""
        if self._classes or error.code not in ("values", "colour"):
            return "; leave out --classes" if self._classes and error.code == "format" else ""
        try:
            present = np.unique(read_labels(file))
        except CxrReadError:
            return "; if they are probabilities, cut them by --threshold 0.5"
        numbers = [int(each) for each in present if each]
        if numbers and max(numbers) <= MOST_CLASSES:
            listed = ",".join(map(str, numbers[:2]))
            return f"; if they are class numbers, state which are lungs, as in --classes {listed}"
        return "; if they are probabilities, cut them by --threshold 0.5"


def _other_size(masks: Masks, size: tuple[int, int] | None) -> str:
    """Describe a mask that differs in size from its (H, W) image; empty if there is none or it is unknown."""
    for file, mask in masks:
        if size is not None and mask.shape != size:
            sizes = f"{mask.shape[1]} x {mask.shape[0]} pixels, the image {size[1]} x {size[0]}"
            return f"{file.name} has {sizes}; make it of the image's size"
    return ""


def stated_convention(folder: Path) -> str:
    """Return the convention of masks that `cxrtk segment` wrote; empty if it is not stated in the folder."""
    for path in manifests(folder):
        with path.open("rb") as file:
            first = file.readline()
        try:
            return str(Entry.parse(first.decode()).settings.get("convention", ""))
        except ValueError:
            continue  # it is another tool's file, or its first line is not complete yet
    return ""
