"""The quality flag of a model, computed with the parameters in its description."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from cxrtk.api import Radiograph
from cxrtk.errors import CheckpointError
from cxrtk.inference.quality.doubts import doubts
from cxrtk.inference.quality.signs import Distance, FlagRule, signs
from cxrtk.models.model_file import ModelSpec


class Assessor:
    """Assesses the prediction of a model on an image.

    Args:
        spec: Description of the model. Its ``quality`` holds ``signs``, ``bias``, ``ok_from`` and
            ``failed_below`` of `FlagRule`, and as ``shape`` and ``appearance`` the arguments of a `Distance`;
            ``appearance`` also names a ``layer``.

    Raises:
        CheckpointError: ``quality`` has another structure.
    """

    def __init__(self, spec: ModelSpec) -> None:
        try:
            known = dict(spec.quality)
            appearance = dict(known.pop("appearance"))
            self.layer = str(appearance.pop("layer"))
            self._appearance = Distance(**appearance)
            self._shape = Distance(**known.pop("shape"))
            self._rule = FlagRule(**known)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"model {spec.name}: its quality flag cannot be used: {error}.") from error
        self._spec = spec

    def signs(
        self, views: npt.NDArray[np.float32], features: torch.Tensor | None, pixels: npt.NDArray[np.float32]
    ) -> dict[str, float]:
        """Compute the signs of one image from its (V, C, S, S) views and (D,) features."""
        distance = None if features is None else self._appearance(features.numpy())
        return signs(views, self._spec.classes, self._spec.threshold, pixels, distance, self._shape)

    def __call__(
        self, views: npt.NDArray[np.float32], features: torch.Tensor | None, radiograph: Radiograph
    ) -> dict[str, Any]:
        """Compute ``flag``, ``score``, ``reasons`` and ``signs``; see `FlagRule` and `doubts`.

        Masks of a radiograph that is in doubt itself are at best to be reviewed.
        """
        found = self._rule(self.signs(views, features, radiograph.pixels))
        reasons = doubts(radiograph)
        if reasons:
            found["flag"] = "review" if found["flag"] == "ok" else found["flag"]
            found["reasons"] = [*reasons, *found["reasons"]]
        return found
