"""Segmentation of radiographs with a loaded model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from cxrtk.api import Radiograph, Segmentation
from cxrtk.classes import CONVENTIONS, LUNGS
from cxrtk.data.pixels.sources import radiograph_of, read
from cxrtk.errors import ConfigError
from cxrtk.inference.quality.flag import Assessor, heart_doubt
from cxrtk.inference.segmentation.masks import Mask, Probabilities, cut
from cxrtk.inference.segmentation.measures import measure
from cxrtk.models.conventions import lung_classes, own_classes, own_convention
from cxrtk.models.model_file import Model, ModelSpec, require_masks
from cxrtk.models.predictor import Predictor
from cxrtk.models.views import combined
from cxrtk.process.device import check_device


class Segmenter:
    """Segments radiographs of any size; `cxrtk.segment` does it for one file.

    ::

        segmenter = Segmenter(read_model(Path("lungs.safetensors")))
        found = segmenter.segment("chest.dcm")  # or its bytes, or a pydicom dataset
        found.masks, found.measures, found.quality

    Args:
        model: Model from `cxrtk.load_model`.
        device: Device to move the model to: ``cpu``, ``cuda`` or ``cuda:1``; ``None`` does not move it.
        threshold: Probability threshold of a class; ``None`` for the model's own.
        postprocess: Keep one region per lung and heart, and fill its holes.
        convention: ``heart-excluded`` for the lungs and the heart, each as a class; ``heart-included`` for
            one mask of the lungs that is drawn through the heart; ``None`` for the model's own, which is the
            former where it has both.
        backend: Library that computes the network: ``auto``, ``torch``, ``openvino`` or ``onnxruntime``;
            empty for the environment variable ``CXRTK_BACKEND``, or ``auto``.
        precision: ``auto``, ``fp32`` or ``bf16``; empty for ``CXRTK_PRECISION``, or ``auto``.

    Raises:
        ConfigError: There is no such device or backend, the model makes no masks, or none of this
            convention, or the threshold is not between 0 and 1.
    """

    def __init__(
        self,
        model: Model,
        device: str | torch.device | None = None,
        *,
        threshold: float | None = None,
        postprocess: bool = True,
        convention: str | None = None,
        backend: str = "",
        precision: str = "",
    ) -> None:
        if threshold is not None and not 0.0 < threshold < 1.0:
            raise ConfigError(f"The threshold must lie between 0 and 1, not {threshold}.")
        require_masks(model.spec)
        if device is not None:
            check_device(str(device))
        self._assessor = Assessor(model.spec) if model.spec.quality else None
        layer = self._assessor.layer if self._assessor else ""
        computed_by = {"backend": backend, "precision": precision}
        self.predictor = Predictor(model, device, mirror=bool(self._assessor), layer=layer, **computed_by)
        self.threshold = model.spec.threshold if threshold is None else threshold
        self.postprocess = postprocess
        self.convention = own_convention(model.spec) if convention is None else convention
        self._outputs = outputs_of(model.spec, self.convention)
        self._united = self.convention != own_convention(model.spec)
        self.about = model.about

    def segment(self, one: Any, *, value_range: tuple[float, float] | None = None) -> Segmentation:
        """Segment one radiograph; thread-safe.

        Args:
            one: Path of a file of any supported format, its bytes, an open file, a pydicom dataset, a
                `Radiograph`, or an (H, W) array or tensor in which brighter is denser.
            value_range: Values of black and white in an array, such as ``(0, 255)``.

        Raises:
            CxrReadError: The radiograph cannot be read.
            ConfigError: The argument has another type, or is an array without a `value_range`.
        """
        return self.batch([one], value_range=value_range)[0]

    def batch(
        self,
        many: Sequence[Any],
        *,
        value_range: tuple[float, float] | None = None,
        paths: Sequence[str | Path] | None = None,
    ) -> list[Segmentation]:
        """Segment several radiographs in one forward pass; all of them are held in memory.

        Args:
            many: Radiographs, each of a type that `segment` accepts.
            value_range: Values of black and white in all arrays; see `segment`.
            paths: Source files, for objects derived from them; by default the path of each radiograph itself.

        Raises:
            CxrReadError: A radiograph cannot be read.
            ConfigError: An argument is invalid; see `segment`.
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
        """Return (C, H, W) masks of zeros and ones, one per class, without measures or a flag."""
        return self._cut(self.predictor([radiograph.pixels])[0], radiograph)[1]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes that are segmented."""
        return (LUNGS,) if self._united else self._outputs

    def _cut(self, probabilities: Probabilities, radiograph: Radiograph) -> tuple[Probabilities, Mask]:
        """Choose the outputs of (C, S, S) probabilities, and cut masks of the radiograph's size from them."""
        names = self.predictor.model.spec.classes
        chosen = probabilities[[names.index(name) for name in self._outputs]]
        height, width = radiograph.pixels.shape
        masks = cut(chosen, self._outputs, (height, width), self.threshold, postprocess=self.postprocess)
        if self._united:
            return chosen.max(axis=0, keepdims=True), masks.max(axis=0, keepdims=True)
        return chosen, masks

    def _interval(self, quality: Mapping[str, Any]) -> Callable[[float], list[float] | None] | None:
        """Return the function that maps the cardiothoracic ratio of an image to its interval."""
        return partial(self._assessor.interval, quality) if self._assessor else None

    def _one(
        self, path: Path, radiograph: Radiograph, views: Probabilities, features: torch.Tensor | None
    ) -> Segmentation:
        """Make the segmentation of one image from its (V, C, S, S) probabilities."""
        probabilities, masks = self._cut(combined(views), radiograph)
        quality = self._assessor(views, features, radiograph, self.convention) if self._assessor else {}
        measures = measure(masks, self.classes, radiograph, heart_doubt(quality), self._interval(quality))
        return Segmentation(
            source=path,
            radiograph=radiograph,
            masks=masks,
            classes=self.classes,
            probabilities=probabilities,
            measures={"convention": self.convention, **measures},
            quality=quality,
            model=self.about,
            convention=self.convention,
        )


def _radiograph(one: Any, value_range: tuple[float, float] | None) -> Radiograph:
    if isinstance(one, Radiograph):
        return one
    if hasattr(one, "__array__") and hasattr(one, "ndim"):
        return radiograph_of(one, value_range)
    return read(one)


def _path(one: Any) -> Path:
    """Return the path of a radiograph's source file; an empty path if it has none."""
    return Path(one) if isinstance(one, str | Path) else Path()


def outputs_of(spec: ModelSpec, convention: str) -> tuple[str, ...]:
    """Return the network outputs that form the result under a convention; see `Segmenter`.

    Raises:
        ConfigError: The model has none, or there is no such convention.
    """
    if convention not in CONVENTIONS:
        raise ConfigError(f"The convention must be one of {', '.join(CONVENTIONS)}, not {convention!r}.")
    if convention == own_convention(spec):
        return own_classes(spec)
    try:
        return lung_classes(spec, convention.removeprefix("heart-"))
    except ConfigError as error:
        learned = spec.trained.get("labels", own_convention(spec))
        raise ConfigError(
            f"The model {spec.name} makes no masks of the convention {convention}: it was trained on "
            f"{learned}. Leave --convention out, or use another model."
        ) from error
