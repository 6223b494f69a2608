"""Writing of a model as a bundle with the files and folders of MONAI's model zoo."""

from __future__ import annotations

import inspect
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk.bundles.shipped import folder as shipped_folder
from cxrtk.bundles.zoo import multi_gpu, training
from cxrtk.bundles.zoo.describe import About, metadata, readme
from cxrtk.bundles.zoo.exact import MODULE, exact
from cxrtk.bundles.zoo.head import labels_of, whole_network
from cxrtk.bundles.zoo.inference import inference
from cxrtk.bundles.zoo.licences import data_licence_text, licence_text, require_one, weights_licence
from cxrtk.bundles.zoo.picture import write_example
from cxrtk.bundles.zoo.steps import copy_steps
from cxrtk.bundles.zoo.weights import write_models
from cxrtk.errors import ConfigError
from cxrtk.models.find import find_model
from cxrtk.models.model_file import ModelSpec
from cxrtk.models.network_def import CREATE
from cxrtk.models.sizes import step_of
from cxrtk.registry import networks


def write_bundle(
    model: str, folder: Path, *, standalone: bool = False, evaluation: Path | None = None
) -> None:
    """Write a model as a bundle, whole or not at all.

    Args:
        model: Name of one model, as for `cxrtk.models.find.find_model`.
        folder: Folder of the bundle, which gives the bundle its name; it must not exist yet.
        standalone: Put the steps of `cxrtk segment` into ``scripts/``, with a config for DICOM.
        evaluation: Output folder of `cxrtk evaluate`; its numbers go into the README and the metadata.

    Raises:
        ConfigError: The folder exists or cannot be written, or the model makes no masks of lungs.
        CheckpointError: The model cannot be read.
    """
    require_one(model)
    if folder.exists():
        raise ConfigError(f"{folder}: exists; name a folder that does not.")
    found = find_model(model)
    labels_of(found.spec)  # refuses unsuitable models before anything is written
    about = About(
        name=folder.resolve().name,
        spec=found.spec,
        step=step_of(found.network, found.spec),
        licence=weights_licence(model),
        standalone=standalone,
        evaluation=_evaluation(evaluation),
    )
    backbone, plugins = backbone_of(found.spec)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written: {error.strerror}.") from error
    try:
        _write_configs(part / "configs", about, backbone)
        if standalone or plugins:
            (part / "scripts").mkdir()
            copy_steps([MODULE] if standalone else [], part / "scripts", files=plugins)
        (part / "models").mkdir()
        config = json.loads((part / "configs" / "inference.json").read_text(encoding="utf-8"))
        write_models(whole_network(found), about.network_spec, part / "models", metadata(about), config)
        (part / "LICENSE").write_text(licence_text(about.licence), encoding="utf-8")
        (part / "docs").mkdir()
        (part / "docs" / "README.md").write_text(readme(about), encoding="utf-8")
        (part / "docs" / "data_license.txt").write_text(data_licence_text(about.licence), encoding="utf-8")
        write_example(found, part / "docs" / "example.png")
        part.chmod(0o755)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)  # no longer exists after the rename


def backbone_of(spec: ModelSpec) -> tuple[dict[str, Any], list[Path]]:
    """Return the definition of a model's network, with a target that exists without cxrtk, and plugin files.

    A plugin's file is copied into ``scripts/``, and the target is its function there.

    Raises:
        PluginError: The network's plugin does not exist.
    """
    given = {key: value for key, value in spec.network.items() if key != "_mode_"}
    if given["_target_"] != CREATE:
        return given, []
    factory = networks.get(str(given.pop("name")))
    file = Path(str(inspect.getsourcefile(factory)))
    return given | {"_target_": f"scripts.{file.stem}.{factory.__name__}"}, [file]


def _write_configs(folder: Path, about: About, backbone: dict[str, Any]) -> None:
    folder.mkdir()
    contents: dict[str, Mapping[str, Any]] = {
        "metadata": metadata(about),
        "inference": inference(about.spec, backbone),
        "train": training.train(about.spec, backbone),
        "evaluate": training.evaluate(),
        "multi_gpu_train": multi_gpu.multi_gpu_train(),
        "multi_gpu_evaluate": multi_gpu.multi_gpu_evaluate(),
    }
    if about.standalone:
        contents["inference_dicom"] = exact(about.spec)
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content, indent=4) + "\n", encoding="utf-8")
    shutil.copy(shipped_folder() / "logging.conf", folder / "logging.conf")


def _evaluation(folder: Path | None) -> Mapping[str, Any]:
    """Return the content of an evaluation; empty without an evaluation.

    Raises:
        ConfigError: The folder is not an output of `cxrtk evaluate`.
    """
    if folder is None:
        return {}
    path = folder / "evaluation.json"
    try:
        content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path}: cannot be read ({error}); name the output folder of cxrtk evaluate."
        ) from error
    return content
