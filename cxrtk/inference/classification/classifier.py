"""Classifier inference: the probability and the class activation map of each finding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from monai.transforms.intensity.array import ScaleIntensityRangePercentiles
from monai.transforms.spatial.array import Resize

from cxrtk.api import Radiograph
from cxrtk.errors import ConfigError
from cxrtk.explain.explainer import Explainer
from cxrtk.inference.classification.lung_input import FULL, Box, LungFinder, leave
from cxrtk.models.find import find_model
from cxrtk.models.model_file import CLASSIFICATION, Model
from cxrtk.models.views import CENTRE, PERCENTILES, SPREAD

Array = npt.NDArray[np.float32]


class ClassifierInput(NamedTuple):
    """Network input prepared from one radiograph.

    Attributes:
        tensor: (in_channels, S, S) input of the network.
        box: Region of the image that the tensor covers.
        shape: (rows, columns) of the image.
    """

    tensor: torch.Tensor
    box: Box
    shape: tuple[int, int]


class Classifier:
    """Predicts findings on radiographs of any size, for models trained by the bundle ``chexnet_cxr``.

    Args:
        model: Model with one logit per finding.
        device: ``cpu``, ``cuda`` or ``cuda:1``.

    Attributes:
        findings: Names of the findings, in the order of the network's outputs.
        about: Name, digest and version of the model.
        lungs: Region of the image that the network receives, and the segmentation model that finds it.

    Raises:
        ConfigError: The model makes masks, or its segmentation model is missing.
    """

    def __init__(self, model: Model, device: str | torch.device = "cpu") -> None:
        spec = model.spec
        if spec.task != CLASSIFICATION:
            raise ConfigError(
                f"model {spec.name}: makes masks and does not classify findings; name a classifier's "
                "run by --model."
            )
        self.device = torch.device(device)
        self.findings = spec.classes
        self.about = model.about
        self._channels = spec.in_channels
        self._network = model.network.to(self.device).eval()
        self._lungs = spec.input.get("lungs", FULL)
        self._finder = None if self._lungs == FULL else LungFinder(find_model(spec.input["model"]))
        self.lungs = {"input": self._lungs} if self._finder is None else {
            "input": self._lungs, "model": self._finder.about
        }  # fmt: skip
        self._stretch = ScaleIntensityRangePercentiles(*PERCENTILES, 0.0, 1.0, clip=True)
        size = (spec.image_size, spec.image_size)
        self._fit = Resize(size, mode="bilinear", anti_aliasing=True)
        self._size = size

    def prepare(self, radiograph: Radiograph, name: str = "an image") -> ClassifierInput:
        """Preprocess a radiograph as in training.

        Args:
            radiograph: Radiograph of any size.
            name: File name for the warning that is logged if no lungs are found.
        """
        stretched = torch.as_tensor(self._stretch(torch.from_numpy(radiograph.pixels.copy())[None]))
        plain = stretched.as_subclass(torch.Tensor)
        height, width = radiograph.pixels.shape
        if self._finder is None:
            left, box = plain, Box(0, height, 0, width)
        else:
            left, box = leave(plain, self._lungs, self._finder, name)
        fitted = (torch.as_tensor(self._fit(left)).as_subclass(torch.Tensor) - CENTRE) / SPREAD
        return ClassifierInput(fitted.expand(self._channels, -1, -1), box, (height, width))

    @torch.no_grad()
    def probabilities(self, prepared: Sequence[ClassifierInput]) -> npt.NDArray[np.float64]:
        """Predict the probabilities of all findings, (B, F) in [0, 1]."""
        batch = torch.stack([each.tensor for each in prepared]).to(self.device)
        found: npt.NDArray[np.float64] = torch.sigmoid(self._network(batch).double()).numpy(force=True)
        return found

    def maps(self, prepared: ClassifierInput) -> Array:
        """Compute (F, H, W) class activation maps over the whole image, in logits.

        See `cxrtk.explain.cam`. If the network received only a part of the image, the pixels outside that
        part have the minimum of their map.

        Raises:
            ConfigError: The network allows no such map, for example if its last layer has a single pixel.
        """
        maps = self._explain(prepared.tensor[None].to(self.device))  # (1, F, h, w)
        box, (height, width) = prepared.box, prepared.shape
        part = torch.nn.functional.interpolate(
            maps, (box.bottom - box.top, box.right - box.left), mode="bilinear"
        )[0].numpy(force=True)
        whole = np.empty((len(part), height, width), np.float32)
        whole[:] = part.min(axis=(1, 2), keepdims=True)
        whole[:, box.top : box.bottom, box.left : box.right] = part
        return whole

    @cached_property
    def _explain(self) -> Explainer:
        like = torch.randn(1, self._channels, *self._size, generator=torch.Generator().manual_seed(0))
        return Explainer(self._network, like.to(self.device))
