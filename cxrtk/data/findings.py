"""The findings of NIH ChestX-ray14 and their multi-hot encoding for a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from cxrtk.errors import ConfigError, DataError

# Wang et al., CVPR 2017, define the first eight; the NIH added six. The order is that of Rajpurkar et al.,
# "CheXNet", arXiv:1711.05225, table 2; the names are those of the NIH's table.
FINDINGS: Final[tuple[str, ...]] = (
    "Atelectasis",
    "Cardiomegaly",
    "Effusion",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pneumonia",
    "Pneumothorax",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Pleural_Thickening",
    "Hernia",
)

NO_FINDING: Final = "No Finding"


def encode(findings: Sequence[str] | None, names: Sequence[str] = FINDINGS) -> npt.NDArray[np.float32]:
    """Encode the findings of one image as a multi-hot vector.

    Args:
        findings: Entries of the table, such as ``("Effusion", "Mass")`` or ``("No Finding",)``.
        names: Findings to encode, one output each. Other findings of `FINDINGS` are ignored.

    Returns:
        (len(names),) float32: 1 where the image has the finding, else 0; all 0 for ``No Finding``.

    Raises:
        DataError: The findings are missing (``None`` or empty), include a name in neither `names` nor
            `FINDINGS`, or combine ``No Finding`` with a finding.
        ConfigError: `names` is a string, empty, has duplicates, or includes ``No Finding``.

    >>> encode(("Mass", "Effusion"), names=("Effusion", "Mass", "Nodule"))
    array([1., 1., 0.], dtype=float32)
    """
    _check_names(names)
    if isinstance(findings, str):
        raise DataError(f"findings must be a list, such as [{findings!r}], not the text {findings!r}.")
    if not findings:
        raise DataError(
            f"findings: the table does not say what this image shows; add it ({NO_FINDING!r} where there "
            "is none), or leave the image out."
        )
    if unknown := sorted(set(findings) - {*names, *FINDINGS, NO_FINDING}):
        known = ", ".join(dict.fromkeys([*FINDINGS, *names, NO_FINDING]))
        raise DataError(f"findings: {', '.join(map(repr, unknown))} is none of {known}; correct the table.")
    if NO_FINDING in findings and set(findings) != {NO_FINDING}:
        raise DataError(f"findings: {list(findings)} contradicts itself; correct the table.")
    return np.array([name in findings for name in names], dtype=np.float32)


def _check_names(names: Sequence[str]) -> None:
    if isinstance(names, str) or not names or len(set(names)) < len(names) or NO_FINDING in names:
        raise ConfigError(
            f"names must be a list of different findings, without {NO_FINDING!r}, not {names!r}; "
            "see cxrtk.data.findings.FINDINGS."
        )
