"""Which radiographs a pass takes, and where the outputs of each go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from cxrtk.data.outputs import check_output_dir, relative_paths
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
    stem_of: Callable[[PurePath], PurePath] = lambda path: path.with_suffix(""),
    known: Iterable[Mapping[str, Any]] | None = None,
) -> list[Planned]:
    """All radiographs in order, no two with an output in common, and none whose output is an input.

    Args:
        inputs: Each with those of its reader's items that are to be done.
        output_dir: Where outputs go.
        endings: What the step may add to a stem: ``a_labels.png`` of ``a`` must not be the mask of
            ``a_labels``.
        stem_of: The stem that a path gets where no other path has it; else it is the whole path.
        known: What the step knows of each item of all inputs; ``None`` for nothing.

    Raises:
        ConfigError: The output folder lies inside an input, or an output would replace an input.
        DataError: Two radiographs would share an output.
    """
    names: list[PurePath] = []
    for each, items in inputs:
        _check(each, output_dir)
        images = [str(item["image"]) for item in items]
        names += [PurePath(each.below) / path for path in _below(each, images)]
    stems = _stems(names, stem_of)
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


def _stems(names: Sequence[PurePath], stem_of: Callable[[PurePath], PurePath]) -> list[PurePath]:
    """Each name's stem; those that would then be equal, but for case, keep their whole names."""
    count = Counter(_key(stem_of(name)) for name in names)
    return [name if count[_key(stem_of(name))] > 1 else stem_of(name) for name in names]


def _refuse_shared(names: Sequence[PurePath], stems: Sequence[PurePath], endings: Sequence[str]) -> None:
    taken: dict[str, PurePath] = {}
    for name, stem in zip(names, stems, strict=True):
        other = taken.setdefault(_key(stem), name)
        if other is not name:
            raise DataError(f"{other} and {name} would share one output file; rename one of them.")
    for name, stem in zip(names, stems, strict=True):
        for ending in endings:
            other = taken.get(f"{stem.as_posix()}{ending}".casefold(), name)
            if other is not name:
                raise DataError(f"{name} and {other} would share one output file; rename one of them.")


def _key(path: PurePath) -> str:
    return path.as_posix().casefold()
