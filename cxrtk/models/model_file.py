"""A trained model as one safetensors file: the weights, and in its header all that is needed to use them."""

from __future__ import annotations

import hashlib
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
from cxrtk.registry import networks

FORMAT = "cxrtk-model-1"
HEADER = "cxrtk"
NETWORKS = "monai.networks.nets."

SEGMENTATION, CLASSIFICATION = "segmentation", "classification"
CLASSES_OF = {  # by the number of the network's outputs
    1: (LUNGS,),
    len(CLASSES): CLASSES,
}


@dataclass(frozen=True)
class ModelSpec:
    """What a model is; all of it plain JSON.

    Attributes:
        name: How outputs refer to it.
        network: ``{"_target_": "monai.networks.nets.UNet", ...}``, or
            ``{"_target_": "cxrtk.networks.create", "name": ...}``: the arguments are plain values.
        classes: What each output is: ``lungs``, or ``right_lung``, ``left_lung``, ``heart``,
            ``lungs_with_heart``.
        image_size: Rows and columns that the network is fed.
        in_channels: The grey image is repeated to as many channels.
        heart: ``excluded`` or ``included``: do the lungs run through the heart?
        temperature: What the logits of each class are divided by before the sigmoid; see the docs on
            calibration.
        threshold: A pixel belongs to a class from this probability on.
        quality: The numbers behind the quality flag; empty for a model without one.
        trained: What it was trained on and how, for the record.
        task: ``segmentation``, or ``classification``: a logit an image and class.
        input: ``{"lungs": "masked", "model": "lungs"}``: what `cxrtk.inference.LungInputd` leaves of an
            image; empty for all of it.
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
    """A network ready to use.

    Attributes:
        spec: What it is.
        network: (B, in_channels, image_size, image_size) -> (B, classes, image_size, image_size) logits.
        sha256: Of the file it came from.
    """

    spec: ModelSpec
    network: nn.Module
    sha256: str

    @property
    def device(self) -> torch.device:
        """Where the network is; the CPU for one without parameters."""
        return next((each.device for each in self.network.parameters()), torch.device("cpu"))

    @property
    def about(self) -> dict[str, str]:
        """Name, digest and the version of cxrtk, as manifests state them."""
        return {"name": self.spec.name, "sha256": self.sha256, "version": __version__}


def save_model(spec: ModelSpec, state: Mapping[str, torch.Tensor], path: Path, *, half: bool = True) -> None:
    """Write a model file, whole or not at all.

    Args:
        spec: What it is.
        state: State dict of the network.
        path: Ends in ``.safetensors``.
        half: Store floating-point weights as 16 bits; they are computed with as 32.

    Raises:
        ConfigError: Another suffix.
    """
    if path.suffix != ".safetensors":
        raise ConfigError(f"{path}: name a file that ends in .safetensors.")
    if "_target_" not in spec.network:
        raise ConfigError(f"{spec.name} is an ensemble; write its members one by one.")
    tensors = {
        name: (value.half() if half and value.is_floating_point() else value).contiguous()
        for name, value in state.items()
    }
    header = {HEADER: json.dumps({"format": FORMAT, **asdict(spec)}, sort_keys=True)}
    with replacing(path) as part:
        part.write_bytes(save(tensors, header))


def read_model(path: Path, device: str | torch.device = "cpu", *, sha256: str = "") -> Model:
    """Read a model file; no code of it is run.

    Args:
        path: As `save_model` wrote it.
        device: Where the network goes.
        sha256: What the digest of the file must be; empty takes any.

    Raises:
        CheckpointError: The file is missing, damaged, another than expected, or no model of cxrtk.
        NonFiniteError: A weight is NaN or infinite.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"model {path} cannot be read ({error.strerror}).") from error
    digest = hashlib.sha256(content).hexdigest()
    if sha256 and digest != sha256:
        raise CheckpointError(
            f"model {path} is not the one that belongs here: its SHA-256 is {digest[:12]}..., not "
            f"{sha256[:12]}...; install cxrtk again."
        )
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except SafetensorError as error:
        raise CheckpointError(f"model {path} is damaged ({error}).") from error
    spec = _spec(header.get(HEADER), path)
    network = build_network(spec.network)
    floats = {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
    require_finite(floats, path)
    try:
        network.load_state_dict(floats)
    except RuntimeError as error:
        first = str(error).splitlines()[0]
        raise CheckpointError(f"model {path} does not fit its own network: {first}") from error
    return Model(spec, network.eval().to(device), digest)


def _spec(text: str | None, path: Path) -> ModelSpec:
    if text is None:
        raise CheckpointError(f"{path}: weights without a description; name a run, or a model of cxrtk.")
    try:
        values = json.loads(text)
        if values.pop("format") != FORMAT:
            raise ValueError("another version of the format")
        values["classes"] = tuple(values["classes"])
        values["temperature"] = tuple(values["temperature"])
        return ModelSpec(**values)
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path}: its description cannot be read: {error}.") from error


def require_finite(state: Mapping[str, Any], path: Path) -> None:
    """Refuse weights that make every output NaN.

    Args:
        state: State dict.
        path: Its file, for the message.

    Raises:
        NonFiniteError: One is NaN or infinite; names the first.
    """
    for name, value in state.items():
        if torch.is_tensor(value) and value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise NonFiniteError(
                f"{path}: weight {name} is NaN or infinite; use another checkpoint, or train again."
            )


def require_masks(spec: ModelSpec) -> None:
    """Refuse a classifier where masks are wanted.

    Raises:
        ConfigError: The model makes none.
    """
    if spec.task != SEGMENTATION:
        raise ConfigError(
            f"model {spec.name}: tells findings and makes no masks; use `cxrtk findings`, or another model."
        )


def build_network(definition: Mapping[str, Any]) -> nn.Module:
    """A network from its ``_target_`` and plain arguments; nothing else can be called, nothing is evaluated.

    Raises:
        ConfigError: The target is neither one of MONAI's networks nor `cxrtk.networks.create`.
    """
    import monai.networks.nets as nets

    arguments = {key: value for key, value in definition.items() if not key.startswith("_")}
    target = str(definition.get("_target_", ""))
    if target == "cxrtk.networks.create":
        return networks.create(**arguments)
    name = target.removeprefix(NETWORKS)
    factory = getattr(nets, name, None) if target == NETWORKS + name and name.isidentifier() else None
    if not (isinstance(factory, type) and issubclass(factory, nn.Module)):
        raise ConfigError(
            f"A model's network must be {NETWORKS}<Name> or cxrtk.networks.create, not {target!r}."
        )
    network: nn.Module = factory(**arguments)
    return network
