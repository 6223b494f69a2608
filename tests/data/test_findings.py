"""cxrtk.data.findings: the names of NIH ChestX-ray14, and their encoding."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from cxrtk.data.findings import FINDINGS, NO_FINDING, encode
from cxrtk.errors import ConfigError, DataError


def _finding_cells(cxrtk_data: Path) -> set[str]:
    path = cxrtk_data / "nih_tables" / "Data_Entry_2017_v2020.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return {row["Finding Labels"] for row in csv.DictReader(file)}


def test_names_are_the_nih_tables(cxrtk_data: Path) -> None:
    """The names, with "No Finding", are exactly those in the NIH's table of 112,120 images."""
    in_table = {name for cell in _finding_cells(cxrtk_data) for name in cell.split("|")}
    assert in_table == {*FINDINGS, NO_FINDING}
    assert len(FINDINGS) == 14


def test_every_cell_of_the_nih_table_is_encoded(cxrtk_data: Path) -> None:
    """Every combination that the NIH's table holds comes back from its encoding."""
    for cell in _finding_cells(cxrtk_data):
        code = encode(cell.split("|"))
        back = {name for name, one in zip(FINDINGS, code, strict=True) if one}
        assert back == set(cell.split("|")) - {NO_FINDING}


@pytest.mark.parametrize(
    ("findings", "names", "expected"),
    [
        (("Atelectasis",), FINDINGS, [1] + 13 * [0]),
        (("Hernia", "Cardiomegaly"), FINDINGS, [0, 1] + 11 * [0] + [1]),
        (("Mass", "Mass"), ("Mass",), [1]),
        (["Edema"], ("Mass", "Nodule"), [0, 0]),
        (("Fracture",), ("Mass", "Fracture"), [0, 1]),
        ((NO_FINDING,), ("Mass", "Nodule"), [0, 0]),
    ],
)
def test_encode(findings: tuple[str, ...], names: tuple[str, ...], expected: list[int]) -> None:
    """A finding is 1 at its own place in `names`, and nowhere else."""
    code = encode(findings, names)
    assert code.dtype == np.float32
    assert code.tolist() == expected


@pytest.mark.parametrize(
    ("findings", "message"),
    [
        (None, "leave the image out"),
        ((), "leave the image out"),
        ("Mass", r"must be a list"),
        (("Infiltrate",), "'Infiltrate' is none of"),
        ((NO_FINDING, "Mass"), "contradicts itself"),
    ],
)
def test_findings_that_say_nothing_are_refused(findings: tuple[str, ...] | None, message: str) -> None:
    """What is unknown, absent or contradictory is never taken for 0."""
    with pytest.raises(DataError, match=message) as caught:
        encode(findings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("names", [(), "Mass", ("Mass", "Mass"), ("Mass", NO_FINDING)])
def test_bad_names_are_refused(names: tuple[str, ...]) -> None:
    """Names that cannot be outputs are refused."""
    with pytest.raises(ConfigError, match="different findings"):
        encode(("Mass",), names)
