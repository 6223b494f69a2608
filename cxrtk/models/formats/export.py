"""Export of a model to one of the formats; the file is read back and compared before it is put in place."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from cxrtk.data.atomic import full_disk_named
from cxrtk.errors import ConfigError
from cxrtk.models.backends.soundness import EXACT
from cxrtk.models.formats import exported_file, onnx_file, openvino_file, torchscript_file
from cxrtk.models.formats.about import about
from cxrtk.models.formats.base import FileFormat, Loaded
from cxrtk.models.licence import Licence
from cxrtk.models.model_file import Model
from cxrtk.models.probe import probe_images
from cxrtk.models.sizes import multiple_of

ONNX: FileFormat = onnx_file
TORCHSCRIPT: FileFormat = torchscript_file
PROGRAM: FileFormat = exported_file
OPENVINO: FileFormat = openvino_file
FORMATS = {each.SUFFIX: each for each in (ONNX, TORCHSCRIPT, PROGRAM, OPENVINO)}


def export_model(
    model: Model, path: Path, licences: Sequence[Licence], *, fixed_size: bool = False, replace: bool = False
) -> float:
    """Write a model in the format given by the suffix; return the largest difference of its logits.

    The logits are compared with those of the model for two batches of known images: one of the model's size
    and, unless `fixed_size` is set, one that is larger.

    Args:
        model: The model, on the CPU.
        path: Path of the file; its suffix is one of `FORMATS`.
        licences: Licence of the weights; for an ensemble, of each member.
        fixed_size: Accept images of the model's size only, for networks that take no other.
        replace: Replace existing files.

    Raises:
        ConfigError: The packages of the format are not installed, the network cannot be written in it, the
            written file computes other probabilities, or a file exists.
        StorageError: The disk is full.
    """
    chosen = FORMATS[path.suffix]
    require_packages(chosen)
    multiple = 0 if fixed_size else _multiple_of(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        full_disk_named(path.parent),
        TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as folder,
    ):
        part = Path(folder) / path.name
        chosen.write(model, about(model, licences, multiple), multiple, part)
        difference = _difference(chosen.load(part), model, multiple, path)
        written = sorted(Path(folder).iterdir(), key=lambda each: each == part)  # the named file last
        for each in written:
            if (path.parent / each.name).exists() and not replace:
                raise ConfigError(f"{path.parent / each.name}: exists; name another file, or add --force.")
        for each in written:
            each.replace(path.parent / each.name)
    return difference


def _multiple_of(model: Model) -> int:
    size, multiple = model.spec.image_size, multiple_of(model.network, model.spec)
    if size % multiple:
        raise ConfigError(
            f"model {model.spec.name}: its size {size} is not a multiple of {multiple}, by which its network "
            "reduces an image; add --fixed-size."
        )
    return multiple


def require_packages(chosen: FileFormat) -> None:
    """Refuse a format whose packages are not installed.

    Raises:
        ConfigError: One is missing; the message says how to install it.
    """
    missing = [package for package in chosen.PACKAGES if importlib.util.find_spec(package) is None]
    if missing:
        raise ConfigError(f"{chosen.SUFFIX} needs {', '.join(missing)}: pip install 'cxrtk[{chosen.EXTRA}]'.")


@torch.no_grad()
def _difference(loaded: Loaded, model: Model, multiple: int, path: Path) -> float:
    """Return the largest difference between the logits of the model and of the file.

    Raises:
        ConfigError: Probabilities differ by more than rounding.
    """
    images = probe_images(model.spec.in_channels, model.spec.image_size)
    batches = [images.repeat(3, 1, 1, 1)]
    if multiple:
        larger = probe_images(model.spec.in_channels, model.spec.image_size + multiple)
        batches.append(larger[..., multiple:, :])  # so that rows and columns differ in number
    largest = 0.0
    for batch in batches:
        expected, found = model.network.eval()(batch).float(), loaded.run(batch).float()
        probabilities = (torch.sigmoid(found) - torch.sigmoid(expected)).abs()
        if not (float(probabilities.mean()) <= EXACT[0] and float(probabilities.max()) <= EXACT[1]):
            raise ConfigError(
                f"{path}: not written, because the file computes other probabilities than the model "
                f"{model.spec.name} for {tuple(batch.shape)}, by {float(probabilities.max()):.2g}; add "
                "--fixed-size, or use another format."
            )
        largest = max(largest, float((found - expected).abs().max()))
    return largest
