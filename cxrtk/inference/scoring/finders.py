"""Sources of predicted lung masks: a model, or a mask generator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrtk.api import MaskGenerator, Radiograph
from cxrtk.data.generate import make_mask
from cxrtk.errors import ConfigError
from cxrtk.evaluation.case import Found
from cxrtk.inference.segmentation.masks import masks_of
from cxrtk.models.conventions import lung_classes
from cxrtk.models.model_file import Model, require_masks
from cxrtk.models.predictor import Predictor


class ModelLungs:
    """Lungs segmented by a model as in `cxrtk segment`, but under the requested heart convention.

    Args:
        model: Model from `cxrtk.models.find.find_model`.
        device: Device of the network.
        threshold: Probability threshold of a class; ``None`` for the model's own.
        postprocess: Keep one region per lung and fill its holes.
        classes: Outputs to unite, regardless of the convention; empty to choose them by `lung_classes`.
        backend: Library that computes the network; see `cxrtk.Segmenter`.
        precision: Precision of the network; see `cxrtk.Segmenter`.

    Raises:
        ConfigError: The model has no such output, or is no segmentation model, or there is no such backend.
    """

    def __init__(
        self,
        model: Model,
        device: str = "cpu",
        *,
        threshold: float | None = None,
        postprocess: bool = True,
        classes: Sequence[str] = (),
        backend: str = "",
        precision: str = "",
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
        self._predictor = Predictor(model, device, mirror=False, backend=backend, precision=precision)
        self.backend, self.precision = self._predictor.backend.name, self._predictor.backend.precision

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
    """Lungs found by a mask generator."""

    def __init__(self, generator: MaskGenerator) -> None:
        self.generator = generator

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """Generate the mask; `heart` is ignored, since a mask generator does not segment the heart."""
        return Found(make_mask(self.generator, radiograph.pixels)[0])
