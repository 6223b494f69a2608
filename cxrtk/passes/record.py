"""Beside the manifests of parts: what `cxrtk merge` needs to make the step, and to see what is missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import replacing
from cxrtk.errors import DataError
from cxrtk.passes.recipe import Recipe

LOCKS = ".cxrtk"  # folder of the locks, one a part, and of the record
FILE = "step.json"


@dataclass(frozen=True)
class Record:
    """How a pass was made in parts.

    Attributes:
        step: Name of the step.
        arguments: Its arguments.
        batch_size: Members of a batch, of which each part has every nth.
        num_parts: How many parts there are.
        inputs: How many radiographs all parts have together.
    """

    step: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    batch_size: int = 1
    num_parts: int = 1
    inputs: int = 0

    @staticmethod
    def of(recipe: Recipe, inputs: int) -> Record:
        """That of a pass with so many radiographs."""
        options = recipe.options
        return Record(recipe.step, recipe.arguments, options.batch_size, options.num_parts, inputs)

    def inputs_of(self, part: int) -> int:
        """How many radiographs one part has."""
        starts = range(part * self.batch_size, self.inputs, self.num_parts * self.batch_size)
        return sum(min(self.batch_size, self.inputs - start) for start in starts)


def write_record(output_dir: Path, record: Record) -> None:
    """Write it, whole or not at all; all parts write the same.

    Raises:
        StorageError: The disk is full.
    """
    with replacing(output_dir / LOCKS / FILE) as part:
        part.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")


def read_record(output_dir: Path) -> Record:
    """Read it.

    Raises:
        DataError: There is none, or it is damaged.
    """
    path = output_dir / LOCKS / FILE
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise DataError(
            f"{output_dir}: has no {LOCKS}/{FILE}, which parts (--num-parts) leave behind; the tables of a "
            "pass in one part are made at its end: go on with the same command and --continue."
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"{path}: cannot be read: {error}; run one part again with --continue, which writes it."
        ) from error
