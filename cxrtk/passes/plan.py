"""The plan of a pass: its radiographs and the output path of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from cxrtk.data.outputs import (
    check_output_dir,
    key_of,
    output_stems,
    relative_paths,
    without_suffix,
)
from cxrtk.errors import ConfigError, DataError
from cxrtk.passes.inputs import Input

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Planned:
    """One radiograph of a pass.

    Attributes:
        item: Item from the reader.
        source: Index of the input that it comes from.
        name: Path relative to that input, prefixed by the name of the input if there are several.
        stem: Output path relative to the output folder, without suffix.
        named: Whether the user named the file itself rather than a folder that contains it.
        known: Values that the step provides before the file is read.
    """

    item: Item
    source: int
    name: str
    stem: PurePath
    named: bool = False
    known: Mapping[str, Any] = field(default_factory=dict)

    @property
    def image(self) -> str:
        """Path to pass to `Reader.read`."""
        return str(self.item["image"])


def plan(
    inputs: Sequence[tuple[Input, Sequence[Item]]],
    output_dir: Path,
    endings: Sequence[str] = (),
    stem_of: Callable[[PurePath], PurePath] = without_suffix,
    known: Iterable[Mapping[str, Any]] | None = None,
    folder: str = "",
) -> list[Planned]:
    """Plan all radiographs in order, such that no outputs collide and no output is an input.

    Args:
        inputs: Each input with the selected items of its reader.
        output_dir: Folder of the outputs.
        endings: Suffixes that the step may append to a stem: ``a_labels.png`` of ``a`` must not coincide with
            the mask of ``a_labels``.
        stem_of: Shortens a path to its stem; if stems collide, the whole path is used.
        known: Values that the step provides for each item of all inputs; ``None`` for none.
        folder: Subfolder of the outputs in the output folder.

    Raises:
        ConfigError: The output folder is inside an input, or an output would replace an input.
        DataError: Two radiographs would share an output.
    """
    names: list[PurePath] = []
    for each, items in inputs:
        _check(each, output_dir)
        images = [str(item["image"]) for item in items]
        names += [PurePath(each.below) / path for path in _below(each, images)]
    stems = [PurePath(folder) / stem for stem in output_stems(names, stem_of)]
    _refuse_inputs([str(item["image"]) for _, items in inputs for item in items], stems, output_dir)
    _refuse_shared(names, stems, endings)
    every = ((item, number) for number, (_, items) in enumerate(inputs) for item in items)
    facts = [{} for _ in names] if known is None else known
    return [
        Planned(item, source, name.as_posix(), stem, inputs[source][0].folder is None, about)
        for (item, source), name, stem, about in zip(every, names, stems, facts, strict=True)
    ]


def shared_endings(endings: Sequence[str]) -> tuple[str, ...]:
    """Return the suffixes by which two stems may differ and still give a common output file; see `plan`.

    Args:
        endings: Suffixes that a step appends to a stem, each before the same file extension.

    >>> shared_endings(["_lung_cam", "_right_lung_cam", "_heart_cam"])
    ('_right',)
    """
    pairs = ((longer, shorter) for longer in endings for shorter in endings if longer != shorter)
    return tuple(longer.removesuffix(shorter) for longer, shorter in pairs if longer.endswith(shorter))


def groups(planned: Sequence[Planned], batch_size: int) -> Iterator[Sequence[Planned]]:
    """Yield the batches. Their members are fixed, since results may depend on the batch in the last bits."""
    for first in range(0, len(planned), batch_size):
        yield planned[first : first + batch_size]


def _below(each: Input, images: Sequence[str]) -> Sequence[PurePath]:
    """Return the path of each image relative to its input; files named by the user have their names only."""
    if each.folder is None:
        return [PurePath(PurePath(image).name) for image in images]
    return relative_paths(images, each.folder)


def _check(each: Input, output_dir: Path) -> None:
    if each.folder is not None:
        check_output_dir(output_dir, each.folder)
        return
    if any(output_dir.resolve() == path.parent.resolve() for path in each.roots):
        raise ConfigError(
            f"{output_dir}: holds the input, which an output might replace; name another folder."
        )
    if output_dir.exists() and not output_dir.is_dir():
        raise ConfigError(f"{output_dir}: is a file; name a folder.")


def _refuse_inputs(images: Sequence[str], stems: Sequence[PurePath], output_dir: Path) -> None:
    """Raise ConfigError if an output would replace an input, which can happen in nested folders."""
    output = output_dir.resolve()
    inside = [path for path in (Path(image).resolve() for image in images) if path.is_relative_to(output)]
    if not inside:
        return
    targets = {key_of(output / stem) for stem in stems}
    for path in inside:
        if key_of(path.with_suffix("")) in targets:
            raise ConfigError(f"{path}: is an input, and would be overwritten; name another output folder.")


def _refuse_shared(names: Sequence[PurePath], stems: Sequence[PurePath], endings: Sequence[str]) -> None:
    """Raise DataError if outputs of two radiographs would have the same path."""
    if not endings:
        return
    taken = {key_of(stem): name for name, stem in zip(names, stems, strict=True)}
    for name, stem in zip(names, stems, strict=True):
        for ending in endings:
            other = taken.get(key_of(stem.with_name(stem.name + ending)))
            if other is not None:
                raise DataError(f"{name} and {other} would share one output file; rename one of them.")
