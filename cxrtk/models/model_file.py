"""Model files: the weights in safetensors format, with all metadata needed for inference in the header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from cxrtk import __version__
from cxrtk.classes import CLASSES, LUNGS
from cxrtk.data.atomic import replacing
from cxrtk.errors import CheckpointError, ConfigError, NonFiniteError
from cxrtk.models.description import FORMAT, HEADER, digest_of, values_of
from cxrtk.models.network_def import build_network as build_network
from cxrtk.models.probe import KEY, probe_logits
from cxrtk.models.weights import load_weights

LARGEST_LOGIT = 6e4  # float16 ends at 65504

SEGMENTATION, CLASSIFICATION = "segmentation", "classification"
CLASSES_OF = {  # classes by the number of the network's outputs
    1: (LUNGS,),
    len(CLASSES): CLASSES,
}


@dataclass(frozen=True)
class ModelSpec:
    """Description of a model, in plain JSON values.

    Attributes:
        name: Name of the model in outputs.
        network: ``{"_target_": "monai.networks.nets.UNet", ...}``, or
            ``{"_target_": "cxrtk.networks.create", "name": ...}``: the arguments are plain values.
        classes: Class of each output: ``lungs``, or ``right_lung``, ``left_lung``, ``heart``,
            ``lungs_with_heart``.
        image_size: Rows and columns of the network's input.
        in_channels: Number of input channels, each a copy of the grey image.
        heart: ``excluded`` or ``included``: whether the lungs include the heart.
        temperature: Divisor of the logits of each class before the sigmoid; see the docs on calibration.
        threshold: Minimum probability for a pixel to belong to a class.
        quality: Parameters of the quality flag; empty for a model without one.
        trained: Training data and settings, for the record.
        task: ``segmentation``, or ``classification`` with one logit per image and class.
        input: Preprocessing by `cxrtk.inference.LungInputd`, such as ``{"lungs": "masked", "model":
            "lungs"}``; empty for the whole image.
    """

    name: str
    network: Mapping[str, Any]
    classes: tuple[str, ...]
    image_size: int
    in_channels: int = 1
    heart: str = "excluded"
    temperature: tuple[float, ...] = ()
    threshold: float = 0.5
    quality: Mapping[str, Any] = field(default_factory=dict)
    trained: Mapping[str, Any] = field(default_factory=dict)
    task: str = SEGMENTATION
    input: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.image_size <= 0 or self.in_channels <= 0 or not self.classes:
            raise ValueError("A model needs a size, channels and classes.")
        if self.temperature and len(self.temperature) != len(self.classes):
            raise ValueError(f"{self.temperature} must be a temperature for each of {self.classes}.")


@dataclass(frozen=True)
class Model:
    """A network ready for inference.

    Attributes:
        spec: Description of the model.
        network: (B, in_channels, image_size, image_size) -> (B, classes, image_size, image_size) logits.
        sha256: SHA-256 of the model's file.
        probe: (classes, ...) logits of the network for its known input, see `cxrtk.models.probe`; ``None`` if
            the file has none.
    """

    spec: ModelSpec
    network: nn.Module
    sha256: str
    probe: torch.Tensor | None = None

    @property
    def device(self) -> torch.device:
        """Device of the network; the CPU for one without parameters."""
        return next((each.device for each in self.network.parameters()), torch.device("cpu"))

    @property
    def about(self) -> dict[str, str]:
        """Return name, digest and the version of cxrtk, as recorded in manifests."""
        return {"name": self.spec.name, "sha256": self.sha256, "version": __version__}


def save_model(spec: ModelSpec, state: Mapping[str, torch.Tensor], path: Path, *, half: bool = True) -> None:
    """Write a model file atomically, with the logits of its known input.

    Args:
        spec: Description of the model.
        state: State dict of the network.
        path: Path of the file, with the suffix ``.safetensors``.
        half: Store floating-point weights in 16 bits; computation uses 32.

    Raises:
        ConfigError: The path has another suffix.
        CheckpointError: The weights do not belong to the network of the description.
    """
    if path.suffix != ".safetensors":
        raise ConfigError(f"{path}: name a file that ends in .safetensors.")
    if "_target_" not in spec.network:
        raise ConfigError(f"{spec.name} is an ensemble; write its members one by one.")
    tensors = {
        name: (value.half() if half and value.is_floating_point() else value).contiguous()
        for name, value in state.items()
    }
    tensors[KEY] = _known_logits(spec, tensors, path).clamp(-LARGEST_LOGIT, LARGEST_LOGIT).half()
    header = {HEADER: json.dumps({"format": FORMAT, **asdict(spec)}, sort_keys=True)}
    with replacing(path) as part:
        part.write_bytes(save(tensors, header))


def _known_logits(spec: ModelSpec, tensors: Mapping[str, torch.Tensor], path: Path) -> torch.Tensor:
    """Compute the logits of the known input with the weights in their stored precision."""
    network = build_network(spec.network)
    load_weights(network, {name: _full(value) for name, value in tensors.items()}, path)
    return probe_logits(network, spec.in_channels, spec.image_size)


def _full(value: torch.Tensor) -> torch.Tensor:
    return value.float() if value.is_floating_point() else value


def read_model(path: Path, device: str | torch.device = "cpu", *, sha256: str = "") -> Model:
    """Read a model file; no code in it is executed.

    Args:
        path: Path of a file written by `save_model`.
        device: Device of the network.
        sha256: Expected SHA-256 of the file; empty accepts any.

    Raises:
        CheckpointError: The file is missing, damaged, not the expected one, or not a cxrtk model.
        NonFiniteError: A weight is NaN or infinite.
    """
    digest = digest_of(path, sha256)
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except SafetensorError as error:
        raise CheckpointError(f"model {path} is damaged ({error}).") from error
    spec = _spec(header.get(HEADER), path)
    network = build_network(spec.network)
    probe = state.pop(KEY, None)
    floats = {name: _full(value) for name, value in state.items()}
    require_finite(floats, path)
    load_weights(network, floats, path)
    return Model(spec, network.eval().to(device), digest, probe)


def _spec(text: str | None, path: Path) -> ModelSpec:
    values = values_of(text, path)
    try:
        return ModelSpec(**values)
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path}: its description cannot be read: {error}.") from error


def require_finite(state: Mapping[str, Any], path: Path) -> None:
    """Refuse weights with non-finite values, which would make every output NaN.

    Args:
        state: State dict of the network.
        path: Path of the file, for the message.

    Raises:
        NonFiniteError: A weight is NaN or infinite; the message names the first.
    """
    for name, value in state.items():
        if torch.is_tensor(value) and value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise NonFiniteError(
                f"{path}: weight {name} is NaN or infinite; use another checkpoint, or train again."
            )


def require_masks(spec: ModelSpec) -> None:
    """Refuse a classifier where masks are required.

    Raises:
        ConfigError: The model outputs no masks.
    """
    if spec.task != SEGMENTATION:
        raise ConfigError(
            f"model {spec.name}: classifies findings and makes no masks; use `cxrtk findings`, or "
            "another model."
        )
