"""What is set against true masks: lungs of a model, of a mask generator, or of files in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

import numpy as np

from cxrtk.api import MaskGenerator, Radiograph
from cxrtk.classes import HEART, LUNGS, SIDES, WITH_HEART
from cxrtk.data.generate import make_mask
from cxrtk.data.pixels import is_image_name, read_mask, stem_of, walk_files
from cxrtk.errors import ConfigError, CxrReadError, DataError
from cxrtk.evaluation.case import Found
from cxrtk.inference.segmentation.masks import masks_of
from cxrtk.models.model_file import Model, ModelSpec, require_masks
from cxrtk.models.predictor import Predictor

MASK_ENDINGS = ("", "_mask")


def lung_classes(spec: ModelSpec, heart: str) -> tuple[str, ...]:
    """The outputs of a model whose union is lungs, of one convention on the heart.

    Args:
        spec: Of the model.
        heart: ``excluded``, ``included``, or ``unknown``, for which a model that knows both gives them
            without it.

    Returns:
        The two sides, ``lungs``, or ``lungs_with_heart`` where the model was trained on masks drawn through
        the heart; of a model that has no such output, both sides and the heart.

    Raises:
        ConfigError: The model knows the other convention only.
    """
    classes = set(spec.classes)
    learned = str(spec.trained.get("labels", "heart included"))
    if heart == "included":
        if WITH_HEART in classes and "heart included" in learned:
            return (WITH_HEART,)
        if {*SIDES, HEART} <= classes and WITH_HEART not in classes:
            return (*SIDES, HEART)
    elif set(SIDES) <= classes:
        return SIDES
    if LUNGS in classes and heart in (spec.heart, "unknown"):
        return (LUNGS,)
    own = spec.trained.get("labels", f"lungs, heart {spec.heart}")
    raise ConfigError(
        f"The model {spec.name} was trained on {own}, and these masks have the heart {heart}: two "
        f"conventions. Name outputs by --lungs to compare all the same; it has {', '.join(spec.classes)}."
    )


class ModelLungs:
    """The lungs that a model finds, as `cxrtk segment` finds them, but of the asked convention.

    Args:
        model: As `cxrtk.models.find.find_model` gives it.
        device: Where it runs.
        threshold: A pixel belongs to a class from this probability on; ``None`` for the model's own.
        postprocess: Keep one region a lung, without holes.
        classes: The outputs to unite, whatever the convention; empty: see `lung_classes`.

    Raises:
        ConfigError: The model has no such output, or makes no masks.
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
        """The outputs that are united for a convention; see `lung_classes`."""
        return self._classes or lung_classes(self.spec, heart)

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """The united masks, and the largest of the outputs' probabilities, before post-processing."""
        classes = self.classes(heart)
        chosen = [self.spec.classes.index(each) for each in classes]
        probabilities = np.ascontiguousarray(self._predictor([radiograph.pixels])[0][chosen])
        height, width = radiograph.pixels.shape
        masks, full = masks_of(
            probabilities, classes, (height, width), self.threshold, postprocess=self.postprocess
        )
        return Found(masks.max(axis=0), full.max(axis=0))


class GeneratedLungs:
    """What a mask generator makes of the image."""

    def __init__(self, generator: MaskGenerator) -> None:
        self.generator = generator

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """The generated mask; it knows no heart."""
        return Found(make_mask(self.generator, radiograph.pixels)[0])


class FolderLungs:
    """Masks that any other tool made, matched to the images by name.

    The mask of ``a/chest.png`` is ``a/chest.*`` or ``a/chest_mask.*`` in the folder, of any suffix; failing
    these ``chest.*`` or ``chest_mask.*`` anywhere below it, if there is but one. It must have the image's
    size, and two values, of which 0 is outside; see `cxrtk.pixels.read_mask`.

    Args:
        folder: Holds the masks.

    Raises:
        DataError: There is no such folder, or no image in it.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise DataError(f"{folder}: no such folder; name that of the predicted masks.")
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
        """The mask of that name; an empty one, and why, where there is none that fits."""
        nothing = np.zeros(radiograph.pixels.shape, np.uint8)
        image = PurePath(name)
        stem = stem_of(image.name)
        wanted = [
            *((self._by_path, (image.parent / (stem + ending)).as_posix()) for ending in MASK_ENDINGS),
            *((self._by_stem, stem + ending) for ending in MASK_ENDINGS),
        ]
        files = next((index[key] for index, key in wanted if key in index), [])
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
