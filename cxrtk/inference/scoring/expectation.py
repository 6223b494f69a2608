"""Expected position of lungs and heart from a segmentation model, to check whether masks fit their images."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.classes import HEART, SIDES
from cxrtk.data.check.expected_features import SIDE
from cxrtk.data.pixels.frontal import reduced
from cxrtk.errors import ConfigError
from cxrtk.models.conventions import lung_classes
from cxrtk.models.model_file import Model, require_masks
from cxrtk.models.predictor import Predictor

_MIDDLE = slice(int(SIDE * 0.35), int(SIDE * 0.65))  # columns in which the lungs may be separated

Grid = npt.NDArray[np.floating[Any]]


class Expectation:
    """Estimates the position of the organs by a model's probabilities; outputs that it lacks are NaN.

    Args:
        model: Model from `cxrtk.models.find.find_model`.

    Raises:
        ConfigError: The model segments no lungs.
    """

    def __init__(self, model: Model) -> None:
        require_masks(model.spec)
        self._lungs = []
        for heart in ("excluded", "included"):
            try:
                self._lungs.append(lung_classes(model.spec, heart))
            except ConfigError:
                self._lungs.append(())
        if not any(self._lungs):
            raise ConfigError(
                f"The model {model.spec.name} has {', '.join(model.spec.classes)}, and no lungs to compare "
                "masks with; name another one by --model."
            )
        self._classes = model.spec.classes
        self._predictor = Predictor(model, mirror=False)

    def __call__(self, pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Estimate where `cxrtk.data.check.expected.OUTPUTS` lie: (5, SIDE, SIDE) in [0, 1], or NaN.

        Args:
            pixels: (H, W) in [0, 1], brighter is denser.
        """
        named = dict(zip(self._classes, self._predictor([pixels])[0], strict=True))
        small = {name: reduced(mask, SIDE, SIDE) for name, mask in named.items()}
        unknown = np.full((SIDE, SIDE), np.nan, np.float32)
        excluded, included = (
            _sides([small[name] for name in names], names == SIDES) if names else [unknown, unknown]
            for names in self._lungs
        )
        return np.stack([*excluded, small.get(HEART, unknown), *included]).astype(np.float32)


def _sides(masks: list[Grid], are_sides: bool) -> list[Grid]:
    """Return right and left lung; a single mask is split at the middle column with the fewest pixels."""
    if are_sides:
        return masks
    both = np.maximum.reduce(masks)
    right = np.arange(SIDE) <= _MIDDLE.start + int(both[:, _MIDDLE].sum(axis=0).argmin())
    return [np.where(right, both, 0), np.where(right, 0, both)]
