"""Record of a pass in parts, from which `cxrtk merge` creates the step and finds missing parts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.data.atomic import write_json
from cxrtk.errors import DataError
from cxrtk.passes.recipe import Recipe

LOCKS = ".cxrtk"  # folder of the locks, one per part, and of the record
FILE = "step.json"


@dataclass(frozen=True)
class Record:
    """Record of a pass in parts.

    Attributes:
        step: Name of the step plugin.
        arguments: Arguments of the step.
        batch_size: Batch size; each part has every nth batch.
        num_parts: Number of parts.
        inputs: Number of radiographs in all parts together.
    """

    step: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    batch_size: int = 1
    num_parts: int = 1
    inputs: int = 0

    @staticmethod
    def of(recipe: Recipe, inputs: int) -> Record:
        """Make the record of a pass with the given number of radiographs."""
        options = recipe.options
        return Record(recipe.step, recipe.arguments, options.batch_size, options.num_parts, inputs)

    def inputs_of(self, part: int) -> int:
        """Return the number of radiographs of one part."""
        starts = range(part * self.batch_size, self.inputs, self.num_parts * self.batch_size)
        return sum(min(self.batch_size, self.inputs - start) for start in starts)


def write_record(output_dir: Path, record: Record) -> None:
    """Write the record atomically; all parts write the same record.

    Raises:
        StorageError: The disk is full.
    """
    write_json(output_dir / LOCKS / FILE, asdict(record))


def read_record(output_dir: Path) -> Record:
    """Read the record.

    Raises:
        DataError: The record is missing or damaged.
    """
    path = output_dir / LOCKS / FILE
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise DataError(
            f"{output_dir}: has no {LOCKS}/{FILE}, which parts (--num-parts) leave behind; the tables of a "
            "pass in one part are made at its end: run the same command with --continue."
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"{path}: cannot be read: {error}; run one part again with --continue, which writes it."
        ) from error
