"""Segmentation of one file in a single call."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from cxrtk.api import Segmentation
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models import shipping
from cxrtk.models.find import find_model

KEPT = 4  # models kept in memory


def segment(
    path: str | Path,
    model: str | Path = shipping.DEFAULT,
    device: str = "cpu",
    *,
    threshold: float | None = None,
    postprocess: bool = True,
    convention: str | None = None,
) -> Segmentation:
    """Segment the lungs and the heart on a radiograph of any supported format, at its original size.

    >>> from pydicom.data import get_testdata_file
    >>> found = segment(get_testdata_file("RG1_UNCI.dcm", download=False))
    >>> found.classes, found.masks.shape
    (('right_lung', 'left_lung', 'heart'), (3, 1955, 1841))
    >>> found.measures["spacing_reason"]
    '(0028,0030) PixelSpacing = [0.0, 0.0] is not two positive numbers; ignored'

    Args:
        path: Path of a PNG, JPEG, DICOM or NIfTI file.
        model: Name of a shipped model, or the path of a run's folder, of one of its checkpoints or of a model
            file. It is kept in memory for the next call, until its file changes.
        device: ``cpu``, ``cuda`` or ``cuda:1``.
        threshold: Probability threshold of a class; ``None`` for the model's own.
        postprocess: Keep one region per lung and heart, and fill its holes.
        convention: ``heart-excluded`` for the lungs and the heart, each as a class; ``heart-included`` for
            one mask of the lungs that is drawn through the heart; ``None`` for the model's own.

    Returns:
        The segmentation with its ``masks``, ``classes``, ``measures`` and ``quality``, and the radiograph.

    Raises:
        CxrReadError: The file cannot be read.
        ConfigError: The model does not exist, or has no masks of this convention.
        CheckpointError: The file of the model is damaged.
    """
    segmenter = _segmenter(str(model), _changed(Path(model)), device, threshold, postprocess, convention)
    return segmenter.segment(path)


@lru_cache(maxsize=KEPT)
def _segmenter(
    model: str,
    changed: int,
    device: str,
    threshold: float | None,
    postprocess: bool,
    convention: str | None,
) -> Segmenter:
    """Cache a segmenter per model and settings; a new `changed` gives a new one if the file has changed."""
    return Segmenter(
        find_model(model, device), threshold=threshold, postprocess=postprocess, convention=convention
    )


def _changed(path: Path) -> int:
    """Return the modification time of a file, or of a run's best checkpoint; 0 if the path does not exist."""
    file = path / "best.pt" if path.is_dir() else path
    return file.stat().st_mtime_ns if file.is_file() else 0
