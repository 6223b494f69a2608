"""Tables of a pass, made from its manifests by the part that ends last, or by `cxrtk merge`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from cxrtk.api import Step
from cxrtk.errors import ConfigError, DataError
from cxrtk.passes.batch import made_by
from cxrtk.passes.manifest import FILE, Entry, Manifest, file_of, manifests, part_of
from cxrtk.passes.options import Options
from cxrtk.passes.record import read_record

# Arguments with which the step is created here only to make tables, wherever the parts were computed.
HERE = {"device": "cpu", "backend": "torch", "precision": "auto"}
COMPUTED = {"backend", "precision"}  # settings that state which library computed the parts


@dataclass(frozen=True)
class Rows:
    """Rows of all parts in the order of the inputs, read from the manifests on each iteration.

    Attributes:
        parts: The manifests, in the order of the parts.
        batch_size: Batch size; each part has every nth batch.
    """

    parts: Sequence[Manifest]
    batch_size: int = 1

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        for entry in self.entries():
            yield {**entry.as_json()}

    def entries(self) -> Iterator[Entry]:
        """Yield the entries instead of the rows."""
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
    """Make the tables if all parts have processed all their inputs.

    If two parts end simultaneously, both write the tables, with equal content.

    Returns:
        Paths of the tables, or ``None`` if another part is unfinished.
    """
    paths = [output_dir / file_of(part, options.num_parts) for part in range(options.num_parts)]
    if not all(path.exists() for path in paths):
        return None
    parts = [Manifest(path) for path in paths]
    if sum(map(len, parts)) < len(names):
        return None
    return step.finish(Rows(parts, options.batch_size), output_dir)


def rows_of(output_dir: Path) -> Rows:
    """Return the rows of an output folder.

    Raises:
        DataError: The folder has no manifest, or some of its parts are missing.
    """
    paths = manifests(output_dir)
    if not paths:
        raise DataError(f"{output_dir}: has no manifest.jsonl; is it the output folder of a pass?")
    _refuse_missing(output_dir, paths)
    parts = [Manifest(path) for path in paths]
    first = next((entry for part in parts for entry in part), None)
    return Rows(parts, int(first.settings.get("batch_size", 1)) if first else 1)


def merge(output_dir: Path) -> list[Path]:
    """Make the tables of a pass whose parts have ended, from the manifests alone.

    The step is created with its recorded arguments, but on the CPU, since it computes nothing.

    Returns:
        Paths of the tables.

    Raises:
        DataError: The folder holds no parts, or parts are missing or unfinished; the message lists them.
        ConfigError: The step cannot be created with the recorded arguments, or its model has changed.
    """
    from cxrtk.registry import steps

    rows = rows_of(output_dir)
    record = read_record(output_dir)
    for number, part in enumerate(rows.parts):
        if len(part) < record.inputs_of(number):
            raise DataError(
                f"{output_dir}: part {number} of {record.num_parts} has done {len(part)} of "
                f"{record.inputs_of(number)} images; run it again with --continue."
            )
    arguments = {**record.arguments, **{name: HERE[name] for name in HERE.keys() & record.arguments.keys()}}
    step = steps.create(record.step, **arguments)
    made = made_by(step, record.batch_size)
    for part in rows.parts:
        first = next(iter(part), None)
        if first is not None and _comparable(first.model, first.settings) != _comparable(**made):
            raise ConfigError(
                f"{part.path}: was made with a different model or different settings than step "
                f"{record.step!r} has "
                "now; put the model back to where it was."
            )
    return step.finish(rows, output_dir)


def _refuse_missing(output_dir: Path, paths: Sequence[Path]) -> None:
    """Raise DataError if a part has no manifest."""
    if paths[0].name == FILE:
        return
    numbers = [part_of(path) for path in paths]
    counts = {count for _, count in numbers}
    if len(counts) > 1:
        raise DataError(
            f"{output_dir}: holds parts of {' and of '.join(map(str, sorted(counts)))}; remove the manifests "
            "of those that do not belong there."
        )
    (count,) = counts
    if missing := sorted(set(range(count)) - {number for number, _ in numbers}):
        listed = ", ".join(map(str, missing))
        raise DataError(
            f"{output_dir}: has the manifests of {len(paths)} of {count} parts; run --part-id {listed} of "
            f"--num-parts {count}."
        )


def _comparable(model: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return model and settings without those that state the hardware and library of the computation."""
    return {"model": model, "settings": {key: settings[key] for key in settings.keys() - COMPUTED}}
