"""The quality flag of a model, computed with the parameters in its description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from cxrtk.api import Radiograph
from cxrtk.classes import HEART, HEART_INCLUDED, LUNGS, WITH_HEART
from cxrtk.errors import CheckpointError
from cxrtk.inference.quality.distance import Distance
from cxrtk.inference.quality.doubts import doubts
from cxrtk.inference.quality.interval import interval
from cxrtk.inference.quality.rule import FlagRule
from cxrtk.inference.quality.signs import signs
from cxrtk.models.model_file import ModelSpec


class Assessor:
    """Assesses the prediction of a model on an image.

    Args:
        spec: Description of the model. Its ``quality`` holds ``signs``, ``bias``, ``ok_from`` and
            ``failed_below`` of the `FlagRule` of the lungs, and as ``shape`` the arguments of a `Distance`.
            It may hold ``organs``, the same parameters for ``heart`` and ``lungs_with_heart``; ``ratio``, the
            parameters of `interval`; and in older files ``appearance``, a `Distance` of features with their
            ``layer``.

    Attributes:
        layer: Layer of the network that provides the features; empty if no features are needed.

    Raises:
        CheckpointError: ``quality`` does not have this structure.
    """

    def __init__(self, spec: ModelSpec) -> None:
        try:
            known = dict(spec.quality)
            appearance = dict(known.pop("appearance", {}))
            self.layer = str(appearance.pop("layer")) if appearance else ""
            self._appearance = Distance(**appearance) if appearance else None
            self._shape = Distance(**known.pop("shape"))
            self._ratio = dict(known.pop("ratio", {}))
            organs = dict(known.pop("organs", {}))
            self._rules = {name: FlagRule(**rule, structure=name) for name, rule in organs.items()}
            self._rules[LUNGS] = FlagRule(**known)
            if "appearance" in known["signs"] and self._appearance is None:
                raise KeyError("appearance")
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"model {spec.name}: its quality flag cannot be used: {error}.") from error
        self._spec = spec

    def signs(
        self, views: npt.NDArray[np.float32], features: torch.Tensor | None, pixels: npt.NDArray[np.float32]
    ) -> dict[str, float]:
        """Compute the signs of one image from its (V, C, S, S) views and (D,) features."""
        distance = None
        if features is not None and self._appearance is not None:
            distance = self._appearance(features.numpy())
        return signs(views, self._spec.classes, self._spec.threshold, pixels, distance, self._shape)

    def __call__(
        self,
        views: npt.NDArray[np.float32],
        features: torch.Tensor | None,
        radiograph: Radiograph,
        convention: str = "",
    ) -> dict[str, Any]:
        """Compute the quality of a segmentation, as JSON values.

        Args:
            views: (V, C, S, S) probabilities of the image and of its shifted and mirrored views.
            features: (D,) features of `layer`, if there is one.
            radiograph: The image.
            convention: Convention of the masks; the model's own by default.

        Returns:
            ``flag``, ``score`` and ``reasons`` cover the lungs and the file: if the radiograph itself is in
            doubt, the flag is at best ``review``. ``organs`` has the flags of the masks alone, regardless of
            the file: of the ``lungs`` and, if the model has a rule for it, of the ``heart``. ``heart`` has
            the ``score`` and the ``reasons`` of the heart; ``file_doubts``, the doubts about the file;
            ``signs``, the value of each sign.
        """
        found = self.signs(views, features, radiograph.pixels)
        included = convention == HEART_INCLUDED
        lungs = self._rules[WITH_HEART if included and WITH_HEART in self._rules else LUNGS](found)
        file = doubts(radiograph)
        quality: dict[str, Any] = {
            "flag": "review" if file and lungs["flag"] == "ok" else lungs["flag"],
            "score": lungs["score"],
            "reasons": [*file, *lungs["reasons"]],
            "organs": {LUNGS: lungs["flag"]},
            "file_doubts": file,
        }
        if HEART in self._rules and not included:
            heart = self._rules[HEART](found)
            quality["organs"][HEART] = heart.pop("flag")
            quality[HEART] = heart
        return quality | {"signs": {name: round(value, 4) for name, value in found.items()}}

    def interval(self, quality: Mapping[str, Any], ratio: float) -> list[float] | None:
        """Return the interval of a cardiothoracic ratio, or ``None`` for a model that has none."""
        return interval(ratio, quality["signs"]["ratio_spread"], **self._ratio) if self._ratio else None


def heart_doubt(quality: Mapping[str, Any]) -> str | None:
    """Return the reason, in words, for withholding the measures of the heart; ``None`` to report them.

    Args:
        quality: Result of an `Assessor`, or an empty mapping. Measures of the heart are always reported for a
            model without a flag of the heart.
    """
    if HEART not in quality.get("organs", {}):
        return None
    if quality["organs"][HEART] != "ok":
        return f"the heart may be wrong: {'; '.join(quality[HEART]['reasons'])}"
    if quality["file_doubts"]:
        return f"the image is in doubt: {'; '.join(quality['file_doubts'])}"
    if quality["organs"][LUNGS] == "failed":
        return f"the lungs may be wrong: {'; '.join(quality['reasons'])}"
    return None
