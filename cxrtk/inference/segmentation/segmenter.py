"""A model and a radiograph -> a segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cxrtk.api import Radiograph, Segmentation
from cxrtk.data.pixels.sources import radiograph_of, read
from cxrtk.errors import ConfigError
from cxrtk.inference.quality.flag import Assessor
from cxrtk.inference.segmentation.masks import Mask, Probabilities, masks_of
from cxrtk.inference.segmentation.measures import measure
from cxrtk.models.model_file import Model, ModelSpec, require_masks
from cxrtk.models.predictor import Predictor, combined
from cxrtk.process.device import check_device

HIDDEN = ("lungs_with_heart",)  # classes that helped in training, of the other convention


class Segmenter:
    """Segments radiographs of any size; `cxrtk.segment` does it for one file.

    ::

        segmenter = Segmenter(read_model(Path("lungs.safetensors")))
        found = segmenter.segment("chest.dcm")  # or its bytes, or a pydicom dataset
        found.masks, found.measures, found.quality

    Args:
        model: As `cxrtk.models.model_file.read_model` gives it.
        device: ``cpu``, ``cuda`` or ``cuda:1``, where the model is moved; ``None`` for where it is.
        threshold: A pixel belongs to a class from this probability on; ``None`` for the model's own.
        postprocess: Keep one region a lung and heart, without holes.

    Raises:
        ConfigError: There is no such device, the model makes no masks, or the threshold is out of range.
    """

    def __init__(
        self,
        model: Model,
        device: str | torch.device | None = None,
        *,
        threshold: float | None = None,
        postprocess: bool = True,
    ) -> None:
        if threshold is not None and not 0.0 < threshold < 1.0:
            raise ConfigError(f"The threshold must lie between 0 and 1, not {threshold}.")
        require_masks(model.spec)
        if device is not None:
            check_device(str(device))
        self._assessor = Assessor(model.spec) if model.spec.quality else None
        layer = self._assessor.layer if self._assessor else ""
        self.predictor = Predictor(model, device, mirror=bool(self._assessor), layer=layer)
        self.threshold = model.spec.threshold if threshold is None else threshold
        self.postprocess = postprocess
        self._shown = shown(model.spec)
        self.about = model.about

    def segment(self, one: Any, *, value_range: tuple[float, float] | None = None) -> Segmentation:
        """Segment one radiograph; several threads may do so at a time with one segmenter.

        Args:
            one: The path of a file of any supported format, its bytes, an open file, a pydicom dataset, a
                `Radiograph`, or an (H, W) array or tensor, brighter is denser.
            value_range: The values of an array that are black and white, as ``(0, 255)``.

        Raises:
            CxrReadError: It cannot be read.
            ConfigError: It is nothing of the kind, or an array without a `value_range`.
        """
        return self.batch([one], value_range=value_range)[0]

    def batch(
        self,
        many: Sequence[Any],
        *,
        value_range: tuple[float, float] | None = None,
        paths: Sequence[str | Path] | None = None,
    ) -> list[Segmentation]:
        """Segment some radiographs in one run of the network, which holds all of them in memory.

        Args:
            many: Each as `segment` takes it.
            value_range: As for `segment`, of all arrays.
            paths: Where each comes from, for what is derived from its file; by default its own path.

        Raises:
            CxrReadError: One of them cannot be read.
            ConfigError: As for `segment`.
        """
        if not many:
            return []
        radiographs = [_radiograph(one, value_range) for one in many]
        files = [_path(one) for one in many] if paths is None else [Path(path) for path in paths]
        views, features = self.predictor.views([radiograph.pixels for radiograph in radiographs])
        rows = [None] * len(radiographs) if features is None else list(features)
        return [
            self._one(path, radiograph, views[:, number].numpy(), rows[number])
            for number, (path, radiograph) in enumerate(zip(files, radiographs, strict=True))
        ]

    def masks(self, radiograph: Radiograph) -> Mask:
        """(C, H, W) masks of zeros and ones, of `classes`, without measures and without a flag."""
        probabilities = np.ascontiguousarray(self.predictor([radiograph.pixels])[0][self._shown])
        height, width = radiograph.pixels.shape
        return masks_of(
            probabilities, self.classes, (height, width), self.threshold, postprocess=self.postprocess
        )[0]

    @property
    def classes(self) -> tuple[str, ...]:
        """What is segmented."""
        names = self.predictor.model.spec.classes
        return tuple(names[index] for index in self._shown)

    def _one(
        self, path: Path, radiograph: Radiograph, views: Probabilities, features: torch.Tensor | None
    ) -> Segmentation:
        """From the (V, C, S, S) probabilities of one image."""
        height, width = radiograph.pixels.shape
        probabilities = np.ascontiguousarray(combined(views)[self._shown])
        masks, _ = masks_of(
            probabilities, self.classes, (height, width), self.threshold, postprocess=self.postprocess
        )
        quality = self._assessor(views, features, radiograph.pixels) if self._assessor else {}
        return Segmentation(
            source=path,
            radiograph=radiograph,
            masks=masks,
            classes=self.classes,
            probabilities=probabilities,
            measures=measure(masks, self.classes, radiograph),
            quality=quality,
            model=self.about,
        )


def _radiograph(one: Any, value_range: tuple[float, float] | None) -> Radiograph:
    if isinstance(one, Radiograph):
        return one
    if hasattr(one, "__array__") and hasattr(one, "ndim"):
        return radiograph_of(one, value_range)
    return read(one)


def _path(one: Any) -> Path:
    """Where a radiograph comes from; an empty path where it comes from no file."""
    return Path(one) if isinstance(one, str | Path) else Path()


def shown(spec: ModelSpec) -> list[int]:
    """Which outputs of the network are results."""
    return [index for index, name in enumerate(spec.classes) if name not in HIDDEN]
