"""Export of a model to a file of one of the formats, which is read back and compared before it appears."""

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
from cxrtk.models.formats.sizes import multiple_of
from cxrtk.models.licence import Licence
from cxrtk.models.model_file import Model
from cxrtk.models.probe import probe_images

ONNX: FileFormat = onnx_file
TORCHSCRIPT: FileFormat = torchscript_file
PROGRAM: FileFormat = exported_file
OPENVINO: FileFormat = openvino_file
FORMATS = {each.SUFFIX: each for each in (ONNX, TORCHSCRIPT, PROGRAM, OPENVINO)}


def export_model(
    model: Model, path: Path, licences: Sequence[Licence], *, fixed_size: bool = False, replace: bool = False
) -> float:
    """Write a model in the format of a file's suffix, and return how far its logits are from the model's.

    The largest difference is that for two batches of known images: one of the model's size and one larger,
    except with `fixed_size`.

    Args:
        model: The model, on the CPU.
        path: The file; its suffix is one of `FORMATS`.
        licences: Licence of the weights, of each member for an ensemble.
        fixed_size: Take images of the model's size only; for networks that take no other.
        replace: Replace files that exist.

    Raises:
        ConfigError: The packages of the format are not installed, the network cannot be written in it, what
            was written computes other probabilities, or a file exists.
        StorageError: The disk is full.
    """
    chosen = FORMATS[path.suffix]
    require_packages(chosen)
    multiple = 0 if fixed_size else multiple_of(model)
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
    """Return the largest difference of logits.

    Raises:
        ConfigError: Probabilities differ by more than rounding.
    """
    images = probe_images(model.spec.in_channels, model.spec.image_size)
    batches = [images.repeat(3, 1, 1, 1)]
    if multiple:
        larger = probe_images(model.spec.in_channels, model.spec.image_size + multiple)
        batches.append(larger[..., multiple:, :])  # rows and columns differ
    largest = 0.0
    for batch in batches:
        expected, found = model.network.eval()(batch).float(), loaded.run(batch).float()
        probabilities = (torch.sigmoid(found) - torch.sigmoid(expected)).abs()
        if not (float(probabilities.mean()) <= EXACT[0] and float(probabilities.max()) <= EXACT[1]):
            raise ConfigError(
                f"{path}: not written, because the file computes other probabilities than the model "
                f"{model.spec.name} for {tuple(batch.shape)}, by {float(probabilities.max()):.2g}; add "
                "--fixed-size, or take another format."
            )
        largest = max(largest, float((found - expected).abs().max()))
    return largest
