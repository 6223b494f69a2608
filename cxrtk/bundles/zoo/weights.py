"""The files of ``models/`` in an exported bundle: the weights, and two programs that need no config."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cxrtk.errors import ConfigError
from cxrtk.models.backends.onnxruntime_backend import to_onnx
from cxrtk.models.backends.program import exported
from cxrtk.models.formats.onnx_file import drop_origins, name_axes
from cxrtk.models.model_file import Model, ModelSpec
from cxrtk.models.sizes import step_of

INPUT, OUTPUT = "image", "pred"  # names of a network's input and output in MONAI's bundles


def write_models(
    network: nn.Module, spec: ModelSpec, folder: Path, metadata: Mapping[str, Any], config: Mapping[str, Any]
) -> None:
    """Write ``model.pt``, ``model.ts`` and ``model.onnx``.

    Args:
        network: Network of the bundle, (B, in_channels, H, W) -> (B, C, H, W).
        spec: Description of the model; its classes are the network's channels.
        folder: Existing folder for the files.
        metadata: Content of ``metadata.json``, which MONAI Deploy reads from ``model.ts``.
        config: Content of ``inference.json``, for the same purpose.

    Raises:
        ConfigError: A package is missing, or the network cannot be exported.
    """
    torch.save(
        {name: value.cpu().clone() for name, value in network.state_dict().items()}, folder / "model.pt"
    )
    _write_torchscript(network, folder / "model.ts", metadata, config)
    _write_onnx(network, spec, folder / "model.onnx")


def _write_torchscript(
    network: nn.Module, path: Path, metadata: Mapping[str, Any], config: Mapping[str, Any]
) -> None:
    """Write TorchScript with the metadata and the config in it, as ``monai.bundle ckpt_export`` does."""
    from monai.data.torchscript_utils import save_net_with_metadata
    from monai.networks.utils import convert_to_torchscript

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch deprecates what MONAI's tools still need
        program = convert_to_torchscript(network)
        save_net_with_metadata(
            program,
            str(path),
            include_config_vals=False,
            append_timestamp=False,
            meta_values=dict(metadata),
            more_extra_files={"inference.json": json.dumps(config).encode()},
        )


def _write_onnx(network: nn.Module, spec: ModelSpec, path: Path) -> None:
    """Write ONNX for any batch size, and for sides that are multiples of the network's step, at least two."""
    try:
        import onnxscript  # noqa: F401 - torch's exporter needs it, and says so in many lines
    except ModuleNotFoundError as error:
        raise ConfigError(
            "model.onnx needs the package onnxscript: pip install cxrtk[onnxruntime]."
        ) from error
    program = exported(Model(spec, network, ""), multiple=step_of(network, spec), cure="export a .ts file")
    converted = to_onnx(program, [OUTPUT], INPUT)
    drop_origins(converted.graph)
    name_axes(converted.graph)
    path.write_bytes(converted.SerializeToString(deterministic=True))
