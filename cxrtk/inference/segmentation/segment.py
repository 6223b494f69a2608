"""One call from a file to its masks."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from cxrtk.api import Segmentation
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models import shipping
from cxrtk.models.find import find_model

KEPT = 4  # models in memory


def segment(
    path: str | Path,
    model: str | Path = shipping.DEFAULT,
    device: str = "cpu",
    *,
    threshold: float | None = None,
    postprocess: bool = True,
) -> Segmentation:
    """Find the lungs on a radiograph of any format that cxrtk reads, at its own size.

    >>> from pydicom.data import get_testdata_file
    >>> found = segment(get_testdata_file("RG1_UNCI.dcm", download=False))
    >>> found.classes, found.masks.shape
    (('right_lung', 'left_lung', 'heart'), (3, 1955, 1841))
    >>> found.measures["spacing_reason"]
    '(0028,0030) PixelSpacing = [0.0, 0.0] is not two positive numbers; passed over'

    Args:
        path: PNG, JPEG, DICOM, NIfTI.
        model: One that ships, a run's folder, one of its checkpoints, or a model file. It stays in memory for
            the next call, until its file changes.
        device: ``cpu``, ``cuda`` or ``cuda:1``.
        threshold: A pixel belongs to a class from this probability on; ``None`` for the model's own.
        postprocess: Keep one region a lung and heart, without holes.

    Returns:
        Its ``masks``, ``classes``, ``measures`` and ``quality``, and what the file held.

    Raises:
        CxrReadError: The file cannot be read.
        ConfigError: There is no such model.
        CheckpointError: The model's file is damaged.
    """
    segmenter = _segmenter(str(model), _changed(Path(model)), device, threshold, postprocess)
    return segmenter.segment(path)


@lru_cache(maxsize=KEPT)
def _segmenter(
    model: str, changed: int, device: str, threshold: float | None, postprocess: bool
) -> Segmenter:
    """Kept for each model and setting, and made anew where the file has changed."""
    return Segmenter(find_model(model, device), threshold=threshold, postprocess=postprocess)


def _changed(path: Path) -> int:
    """When a file, or the best checkpoint of a run, was last written; 0 for what is no path."""
    file = path / "best.pt" if path.is_dir() else path
    return file.stat().st_mtime_ns if file.is_file() else 0
