"""The tables of a pass, made from its manifests: by whichever part ends last, or by `cxrtk merge`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from cxrtk.api import Step
from cxrtk.errors import DataError
from cxrtk.passes.manifest import Entry, Manifest, file_of, manifests
from cxrtk.passes.options import Options


@dataclass(frozen=True)
class Rows:
    """The rows of all parts in the order of the inputs, read from the manifests each time.

    Attributes:
        parts: The manifests, in the order of the parts.
        batch_size: Members of a batch, of which each part has every nth.
    """

    parts: Sequence[Manifest]
    batch_size: int = 1

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for entry in self.entries():
            yield {**entry.as_json()}

    def entries(self) -> Iterator[Entry]:
        """The entries instead of the rows."""
        if len(self.parts) == 1:
            yield from self.parts[0]
            return
        batches = [_batches(iter(part), self.batch_size) for part in self.parts]
        for together in zip_longest(*batches, fillvalue=()):
            yield from chain.from_iterable(together)


def _batches(entries: Iterator[Entry], size: int) -> Iterator[Sequence[Entry]]:
    while batch := list(islice(entries, size)):
        yield batch


def finish_if_complete(
    step: Step, output_dir: Path, options: Options, names: Collection[str]
) -> list[Path] | None:
    """Make the tables where all parts have done all their inputs.

    Two parts that end at the same time both make them, with equal content.

    Returns:
        The files, or ``None`` where another part has something left to do.
    """
    paths = [output_dir / file_of(part, options.num_parts) for part in range(options.num_parts)]
    if not all(path.exists() for path in paths):
        return None
    parts = [Manifest(path) for path in paths]
    if sum(map(len, parts)) < len(names):
        return None
    return step.finish(Rows(parts, options.batch_size), output_dir)


def rows_of(output_dir: Path) -> Rows:
    """The rows of a folder of outputs.

    Raises:
        DataError: It has no manifest, or one of its parts is missing.
    """
    paths = manifests(output_dir)
    if not paths:
        raise DataError(f"{output_dir}: has no manifest.jsonl; is it the output folder of a pass?")
    parts = [Manifest(path) for path in paths]
    number = 1 if len(paths) == 1 and "_of_" not in paths[0].name else int(paths[0].stem.split("_of_")[1])
    if len(paths) < number:
        raise DataError(f"{output_dir}: has the manifests of {len(paths)} of {number} parts; run the others.")
    first = next(iter(parts[0]), None)
    return Rows(parts, int(first.settings.get("batch_size", 1)) if first else 1)
