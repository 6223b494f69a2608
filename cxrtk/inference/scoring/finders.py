"""Sources of predicted lung masks: a model, a mask generator, or mask files in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

import numpy as np

from cxrtk.api import MaskGenerator, Radiograph
from cxrtk.data.generate import make_mask
from cxrtk.data.pixels import is_image_name, read_mask, stem_of, walk_files
from cxrtk.errors import ConfigError, CxrReadError, DataError
from cxrtk.evaluation.case import Found
from cxrtk.inference.segmentation.masks import masks_of
from cxrtk.models.conventions import lung_classes
from cxrtk.models.model_file import Model, require_masks
from cxrtk.models.predictor import Predictor
from cxrtk.passes.manifest import Entry, manifests

MASK_ENDINGS = ("", "_mask")


class ModelLungs:
    """Lungs segmented by a model as in `cxrtk segment`, but under the requested heart convention.

    Args:
        model: Model from `cxrtk.models.find.find_model`.
        device: Device of the network.
        threshold: Probability threshold of a class; ``None`` for the model's own.
        postprocess: Keep one region per lung and fill its holes.
        classes: Outputs to unite, whatever the convention; empty to choose them by `lung_classes`.

    Raises:
        ConfigError: The model has no such output, or is no segmentation model.
    """

    def __init__(
        self,
        model: Model,
        device: str = "cpu",
        *,
        threshold: float | None = None,
        postprocess: bool = True,
        classes: Sequence[str] = (),
    ) -> None:
        require_masks(model.spec)
        unknown = sorted(set(classes) - set(model.spec.classes))
        if unknown:
            raise ConfigError(
                f"The model {model.spec.name} has {', '.join(model.spec.classes)}, not {unknown[0]}."
            )
        if threshold is not None and not 0.0 < threshold < 1.0:
            raise ConfigError(f"The threshold must lie between 0 and 1, not {threshold}.")
        self.spec = model.spec
        self.threshold = model.spec.threshold if threshold is None else threshold
        self.postprocess = postprocess
        self._classes = tuple(classes)
        self._predictor = Predictor(model, device, mirror=False)

    def classes(self, heart: str) -> tuple[str, ...]:
        """Outputs that are united for a convention; see `lung_classes`."""
        return self._classes or lung_classes(self.spec, heart)

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """Unite the masks, and take the maximum of the outputs' probabilities before post-processing."""
        classes = self.classes(heart)
        chosen = [self.spec.classes.index(each) for each in classes]
        probabilities = np.ascontiguousarray(self._predictor([radiograph.pixels])[0][chosen])
        height, width = radiograph.pixels.shape
        masks, full = masks_of(
            probabilities, classes, (height, width), self.threshold, postprocess=self.postprocess
        )
        return Found(masks.max(axis=0), full.max(axis=0))


class GeneratedLungs:
    """Lungs by a mask generator."""

    def __init__(self, generator: MaskGenerator) -> None:
        self.generator = generator

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """Generate the mask; `heart` is ignored, since a mask generator does not segment the heart."""
        return Found(make_mask(self.generator, radiograph.pixels)[0])


def stated_convention(folder: Path) -> str:
    """Convention of the masks that `cxrtk segment` wrote into a folder; empty if nothing states it."""
    for path in manifests(folder):
        with path.open("rb") as file:
            first = file.readline()
        try:
            return str(Entry.parse(first.decode()).settings.get("convention", ""))
        except ValueError:
            continue  # it is another tool's file, or its first line is not complete yet
    return ""


class FolderLungs:
    """Lung masks in a folder, made by any tool and matched to the images by name.

    The mask of ``a/chest.png`` is ``a/chest.*`` or ``a/chest_mask.*`` in the folder, with any suffix;
    otherwise ``chest.*`` or ``chest_mask.*`` anywhere below it, if there is exactly one. It must have the
    size of the image and two values, of which 0 is background; see `cxrtk.pixels.read_mask`.

    Args:
        folder: Folder of the masks. If `cxrtk segment` wrote it, its manifest states their convention.

    Raises:
        DataError: The folder does not exist or holds no image.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise DataError(f"{folder}: no such folder; name that of the predicted masks.")
        self._folder = folder
        self._convention = stated_convention(folder)
        files = [path for path in walk_files(folder) if is_image_name(path.name)]
        if not files:
            raise DataError(f"{folder}: holds no masks; PNG, NIfTI and DICOM files count.")
        self._by_path: dict[str, list[Path]] = {}
        self._by_stem: dict[str, list[Path]] = {}
        for path in files:
            stem = stem_of(path.name)
            below = path.relative_to(folder).parent / stem
            self._by_path.setdefault(below.as_posix(), []).append(path)
            self._by_stem.setdefault(stem, []).append(path)

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """Read the mask of that name; without a usable mask, return an empty one and the reason.

        Raises:
            ConfigError: The masks are of the other convention than the ground truth.
        """
        if self._convention not in ("", f"heart-{heart}") and heart != "unknown":
            raise ConfigError(
                f"{self._folder}: its masks were made by --convention {self._convention}, and the true ones "
                f"have the heart {heart}: two conventions. Make them again by --convention heart-{heart}."
            )
        nothing = np.zeros(radiograph.pixels.shape, np.uint8)
        files = self._named(name)
        if len(files) != 1:
            return Found(nothing, missing=f"{len(files) or 'no'} files of its name")
        try:
            mask = read_mask(files[0])
        except CxrReadError as error:
            return Found(nothing, missing=f"{files[0].name} {error.reason}")
        (height, width), (rows, columns) = mask.shape, radiograph.pixels.shape
        if (height, width) != (rows, columns):
            what = f"{width} x {height} pixels, the image {columns} x {rows}"
            return Found(nothing, missing=f"{files[0].name} has {what}")
        return Found(mask)

    def files(self, name: str) -> list[str]:
        """Paths of the masks of that name; the mask is read if there is one."""
        return [str(path) for path in self._named(name)]

    def _named(self, name: str) -> list[Path]:
        image = PurePath(name)
        stem = stem_of(image.name)
        wanted = [
            *((self._by_path, (image.parent / (stem + ending)).as_posix()) for ending in MASK_ENDINGS),
            *((self._by_stem, stem + ending) for ending in MASK_ENDINGS),
        ]
        return next((index[key] for index, key in wanted if key in index), [])
