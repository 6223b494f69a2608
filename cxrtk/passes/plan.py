"""Which radiographs a pass takes, and where the outputs of each go."""

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
        item: Of the reader.
        source: Number of the input that it comes from.
        name: Its path below that input, below the input's own name where there are several.
        stem: Path of its outputs below the output folder, less an ending.
        named: Whether the user named the file, and not a folder that holds it.
        known: What the step knows of it before it is read.
    """

    item: Item
    source: int
    name: str
    stem: PurePath
    named: bool = False
    known: Mapping[str, Any] = field(default_factory=dict)

    @property
    def image(self) -> str:
        """What `Reader.read` takes."""
        return str(self.item["image"])


def plan(
    inputs: Sequence[tuple[Input, Sequence[Item]]],
    output_dir: Path,
    endings: Sequence[str] = (),
    stem_of: Callable[[PurePath], PurePath] = without_suffix,
    known: Iterable[Mapping[str, Any]] | None = None,
    folder: str = "",
) -> list[Planned]:
    """All radiographs in order, no two with an output in common, and none whose output is an input.

    Args:
        inputs: Each with those of its reader's items that are to be done.
        output_dir: Where outputs go.
        endings: What the step may add to a stem: ``a_labels.png`` of ``a`` must not be the mask of
            ``a_labels``.
        stem_of: The stem that a path gets where no other path has it; else it is the whole path.
        known: What the step knows of each item of all inputs; ``None`` for nothing.
        folder: Where outputs go below the output folder.

    Raises:
        ConfigError: The output folder lies inside an input, or an output would replace an input.
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
    """What an input's stem may have more than another's for an output of both to be one file; see `plan`.

    Args:
        endings: What a step adds to a stem, each before the same suffix.

    >>> shared_endings(["_lung_cam", "_right_lung_cam", "_heart_cam"])
    ('_right',)
    """
    pairs = ((longer, shorter) for longer in endings for shorter in endings if longer != shorter)
    return tuple(longer.removesuffix(shorter) for longer, shorter in pairs if longer.endswith(shorter))


def groups(planned: Sequence[Planned], batch_size: int) -> Iterator[Sequence[Planned]]:
    """The batches, whose members never change: a network's last bits may depend on what shares its batch."""
    for first in range(0, len(planned), batch_size):
        yield planned[first : first + batch_size]


def _below(each: Input, images: Sequence[str]) -> Sequence[PurePath]:
    """Path of each image below its input; files that the user names go by their names alone."""
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
    """Stop where an output would replace an input, as may be where the inputs lie below the output folder."""
    output = output_dir.resolve()
    inside = [path for path in (Path(image).resolve() for image in images) if path.is_relative_to(output)]
    if not inside:
        return
    targets = {key_of(output / stem) for stem in stems}
    for path in inside:
        if key_of(path.with_suffix("")) in targets:
            raise ConfigError(f"{path}: is an input, and would be overwritten; name another output folder.")


def _refuse_shared(names: Sequence[PurePath], stems: Sequence[PurePath], endings: Sequence[str]) -> None:
    """Stop where an output of one radiograph would have the name of another's."""
    if not endings:
        return
    taken = {key_of(stem): name for name, stem in zip(names, stems, strict=True)}
    for name, stem in zip(names, stems, strict=True):
        for ending in endings:
            other = taken.get(key_of(stem.with_name(stem.name + ending)))
            if other is not None:
                raise DataError(f"{name} and {other} would share one output file; rename one of them.")
