"""Choice of the data of a run: the user's folder, or the built-in sample."""

from __future__ import annotations

import logging
from pathlib import Path

from cxrtk.data import phantom
from cxrtk.errors import DataError
from cxrtk.process.group import first_of_machine

SAMPLE = Path("data/phantom")
SAMPLE_OF_FINDINGS = Path("data/phantom_findings")
FINDINGS_COUNT, FINDINGS_SIZE = 240, 256  # number of images and their side in pixels

logger = logging.getLogger(__name__)


def dataset_or_sample(dataset_dir: str, findings: bool = False) -> str:
    """Return `dataset_dir`; where it is empty, the folder of a phantom sample, written on first use.

    Args:
        dataset_dir: Path of a folder, or empty.
        findings: Use the sample with findings and bounding boxes.

    Raises:
        DataError: The folder does not exist.
    """
    if not dataset_dir:
        with first_of_machine("sample"):
            if findings:
                folder = phantom.write_nih(
                    SAMPLE_OF_FINDINGS, FINDINGS_COUNT, size=FINDINGS_SIZE, findings=True
                )
            else:
                folder = phantom.sample(SAMPLE)
        logger.info(
            "This is the built-in sample: digital phantoms in %s, no patients. Name data by --dataset_dir.",
            folder,
        )
        return str(folder)
    if not Path(dataset_dir).is_dir():
        raise DataError(f"{Path(dataset_dir).resolve()}: no such folder; check --dataset_dir.")
    return dataset_dir
