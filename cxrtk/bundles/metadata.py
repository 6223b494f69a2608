"""Metadata of a bundle (``metadata.json``), derived from its config: the network's inputs and outputs.

Prose, such as the description, is written by the author. Everything that the config determines is derived
from it, so that the two cannot disagree. Only plain values of a config are read, and nothing is evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from torch import nn

from cxrtk import __version__
from cxrtk.classes import HEART, LUNGS, SIDES, WITH_HEART
from cxrtk.models.find import find_model
from cxrtk.models.model_file import CLASSIFICATION, ModelSpec
from cxrtk.models.run_config import RunConfig
from cxrtk.models.run_spec import describe_run
from cxrtk.models.sizes import step_of

SCHEMA = (
    "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20240725.json"
)
LOWEST, HIGHEST = -2, 2  # range of a network's input: [0, 1], minus 0.5, divided by 0.25
REQUIRED = ("nibabel", "pydicom", "pytorch-ignite", "tensorboard")
WORDS = {
    SIDES[0]: "right lung (the patient's)",
    SIDES[1]: "left lung (the patient's)",
    HEART: "heart",
    LUNGS: "either lung",
    WITH_HEART: "lungs, drawn through the heart",
}


def derived(files: Sequence[Path]) -> dict[str, Any]:
    """Return the metadata entries that a config determines.

    Args:
        files: The config files; later ones override earlier ones.

    Raises:
        ConfigError: The network is computed by an expression, or cannot be built.
    """
    spec, network = model_of(files)
    return versions() | classes(spec) | {"network_data_format": data_format(spec, step_of(network, spec))}


def model_of(files: Sequence[Path]) -> tuple[ModelSpec, nn.Module]:
    """Return the description and network of a config's model; an inference config names its model.

    Raises:
        ConfigError: The network is computed by an expression, or cannot be built.
    """
    from monai.bundle.config_parser import ConfigParser

    merged = ConfigParser.load_config_files([str(path) for path in files])
    config = RunConfig(files[-1].parent / files[-1].stem, content=merged)
    if isinstance(merged.get("model"), str):
        found = find_model(config.get("model"))
        return found.spec, found.network
    return describe_run(config, "")


def issues(metadata: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Describe where a bundle's metadata differ from those derived from its config, one line each."""
    return [
        f"{key}: {json.dumps(metadata.get(key))} in the metadata, {json.dumps(value)} by the config."
        for key, value in wanted.items()
        if metadata.get(key) != value
    ]


def versions() -> dict[str, Any]:
    """Return the versions of the packages that are installed here, and the schema of the metadata."""
    named = {name: version(name) for name in REQUIRED}
    return {
        "schema": SCHEMA,
        "monai_version": version("monai"),
        "pytorch_version": version("torch").partition("+")[0],
        "numpy_version": version("numpy"),
        "required_packages_version": {"cxrtk": __version__, **named},
    }


def classes(spec: ModelSpec) -> dict[str, str]:
    """Describe a model's input and output in words."""
    given = "1 in it, 0 elsewhere" if spec.task != CLASSIFICATION else "1 where it was found, else 0"
    named = ", ".join(f"{number}: {WORDS.get(name, name)}" for number, name in enumerate(spec.classes))
    channels = f"{len(spec.classes)} channel{'s' if len(spec.classes) > 1 else ''}"
    return {
        "image_classes": "frontal chest X-ray, brighter is denser; percentiles 1 and 99 at -2 and 2",
        "label_classes": f"{channels} ({named}); {given}",
        "pred_classes": f"{channels} of logits ({named}); sigmoid gives the probability of each",
    }


def data_format(spec: ModelSpec, step: int) -> dict[str, Any]:
    """Return ``network_data_format``, which describes the network's input and output tensors.

    Args:
        spec: Description of the model.
        step: Number of which the sides of an image must be multiples, see `cxrtk.models.sizes.step_of`.
    """
    sides = [f"{step}*n"] * 2
    image = {
        "type": "image",
        "format": "magnitude",
        "modality": "CR",
        "num_channels": spec.in_channels,
        "spatial_shape": sides,
        "dtype": "float32",
        "value_range": [LOWEST, HIGHEST],
        "is_patch_data": False,
        "channel_def": {str(channel): "image" for channel in range(spec.in_channels)},
    }
    is_classifier = spec.task == CLASSIFICATION
    logits = {
        "type": "probabilities" if is_classifier else "image",
        "format": "classes" if is_classifier else "segmentation",
        "num_channels": len(spec.classes),
        "spatial_shape": [] if is_classifier else sides,
        "dtype": "float32",
        "value_range": [],  # logits have no bounds
        "is_patch_data": False,
        "channel_def": {str(channel): name for channel, name in enumerate(spec.classes)},
    }
    return {"inputs": {"image": image}, "outputs": {"pred": logits}}


def rewrite(path: Path, files: Sequence[Path]) -> None:
    """Update the entries of a metadata file that the config determines, and keep its prose."""
    own = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(own | derived(files), indent=4) + "\n", encoding="utf-8")


if __name__ == "__main__":  # make metadata
    from cxrtk.bundles.shipped import metadata, shipped, stack

    for name in shipped():
        rewrite(metadata(name), stack(name))
