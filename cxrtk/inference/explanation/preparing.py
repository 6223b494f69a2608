"""Building blocks of class activation maps: the explainer, its network input, and maps in image space."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from cxrtk.api import Radiograph
from cxrtk.errors import ConfigError
from cxrtk.explain.explainer import Explainer
from cxrtk.explain.similarity import Map
from cxrtk.inference.classification.classifier import Classifier, ClassifierInput
from cxrtk.inference.classification.lung_input import Box
from cxrtk.models.conventions import own_classes
from cxrtk.models.model_file import CLASSIFICATION, Model
from cxrtk.models.views import prepare
from cxrtk.passes.reading import Read

logger = logging.getLogger(__name__)


def explainer_of(
    model: Model, *, method: str = "cam", layer: str = "", classes: Sequence[str] = ()
) -> tuple[Explainer, tuple[str, ...]]:
    """Make the explainer of a model, and return it with the names of the classes it explains.

    Args:
        model: Model, already on its device.
        method: ``cam`` or ``grad-cam``.
        layer: Name of the layer; see `Explainer`. Empty to choose it automatically.
        classes: Subset of the model's classes; empty for the classes that `cxrtk segment` writes.

    Raises:
        ConfigError: A class, layer or method does not exist, or the model allows no class activation map.
    """
    spec = model.spec
    unknown = [name for name in classes if name not in spec.classes]
    if unknown:
        raise ConfigError(f"No class {unknown[0]!r} in {spec.name}; it has: {', '.join(spec.classes)}.")
    names = classes or own_classes(spec)
    chosen = [spec.classes.index(name) for name in names]
    device = next(model.network.parameters()).device
    like = torch.randn(  # noise, so that no layer has zero activations
        1, spec.in_channels, spec.image_size, spec.image_size, generator=torch.Generator().manual_seed(0)
    )
    explainer = Explainer(model.network, like.to(device), method=method, layer=layer, classes=chosen)
    return explainer, tuple(names)


class Preparer:
    """Prepares the network input of a radiograph, and the region of the image that it covers.

    Args:
        model: Model, already on its device; a classifier may receive only the lungs.
    """

    def __init__(self, model: Model) -> None:
        self._spec = model.spec
        self.about = model.about
        device = next(model.network.parameters()).device
        self._classifier = Classifier(model, device) if model.spec.task == CLASSIFICATION else None

    def settings(self) -> dict[str, Any]:
        """Return the model and, for a classifier, the region of the image that it receives."""
        lungs = {} if self._classifier is None else {"lungs": self._classifier.lungs}
        return {"model": self.about, **lungs}

    def __call__(self, radiograph: Radiograph, name: str = "an image") -> ClassifierInput:
        """Preprocess a radiograph as for the model's own predictions.

        Args:
            radiograph: Radiograph of any size.
            name: File name for the warning that is logged if no lungs are found.
        """
        if self._classifier is not None:
            return self._classifier.prepare(radiograph, name)
        height, width = radiograph.pixels.shape
        tensor = prepare(radiograph.pixels, self._spec.image_size).expand(self._spec.in_channels, -1, -1)
        return ClassifierInput(tensor, Box(0, height, 0, width), (height, width))


def readable(reads: Iterator[Read], count: int) -> tuple[list[Radiograph], int]:
    """Collect the first `count` readable radiographs, and the number of unreadable files before them.

    Files that are no radiographs by their content, such as reports, are skipped and not counted.
    """
    found: list[Radiograph] = []
    failed = 0
    for read in reads:
        if read.radiograph is not None:
            found.append(read.radiograph)
        else:
            logger.log(logging.INFO if read.left_out else logging.WARNING, "%s", read.error)
            failed += not read.left_out
        if len(found) == count:
            break
    return found, failed


def over_the_whole(found: Map, box: Box, shape: tuple[int, int]) -> Map:
    """Place a map of a crop in the whole image, with 0 elsewhere; a map of the whole image is returned as is.

    Args:
        found: (h, w) map of any size.
        box: Region of the image that the map covers.
        shape: (rows, columns) of the image.
    """
    if box == (0, shape[0], 0, shape[1]):
        return found
    size = (box.bottom - box.top, box.right - box.left)
    canvas = np.zeros(shape, np.float32)
    fitted = torch.nn.functional.interpolate(torch.from_numpy(found)[None, None], size, mode="bilinear")
    canvas[box.top : box.bottom, box.left : box.right] = fitted[0, 0].numpy()
    return canvas
