"""How a model's run used images: its split, found beside the model and looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.data.splits import parts_of
from cxrtk.errors import ConfigError
from cxrtk.models.shipping import shipped
from cxrtk.training import record

SPLITS = "splits.json"


@dataclass(frozen=True)
class SplitMembership:
    """How a model's run used some images.

    Attributes:
        splits: The split file; ``None`` where the model has none.
        parts: Path of an image -> ``train``, ``validation`` or ``test``.
        certain: The images lie in the folder that the run was trained on; else they were told by their names
            alone.
        runs: How many runs the parts are of.
    """

    splits: Path | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    certain: bool = True
    runs: int = 1

    def count(self, part: str) -> int:
        """Images in a part."""
        return sum(found == part for found in self.parts.values())


def splits_beside(model: str) -> Path | None:
    """The split file of a run, of one of its checkpoints, of a model file, or of a model that ships.

    That of ``lungs.safetensors`` is ``lungs.splits.json``, or the ``splits.json`` of the run it lies in.
    """
    path = shipped().get(model, Path(model))
    places = [path / SPLITS] if path.is_dir() else [path.with_suffix(f".{SPLITS}"), path.parent / SPLITS]
    return next((place for place in places if place.is_file()), None)


def known_parts(splits: Path | None, items: Sequence[Mapping[str, Any]]) -> SplitMembership:
    """Look the items up in a run's split.

    Raises:
        DataError: The file is not a split file.
    """
    if splits is None:
        return SplitMembership()
    folder = record.dataset_dir(splits.parent)
    elsewhere = not _below([str(item["image"]) for item in items], folder)
    parts = parts_of(splits, items, by_file_name=elsewhere)
    return SplitMembership(splits, parts, certain=not parts or _below(list(parts), folder))


def known_to_any(splits: Sequence[Path | None], items: Sequence[Mapping[str, Any]]) -> SplitMembership:
    """How several runs together used some images: one that any trained on was trained on, likewise validated.

    Raises:
        DataError: A file is not a split file.
    """
    known = [known_parts(each, items) for each in splits]
    if len(known) < 2:
        return known[0] if known else SplitMembership()
    parts: dict[str, str] = {}
    for part in ("test", "validation", "train"):  # the worst last
        parts |= {image: part for each in known for image, found in each.parts.items() if found == part}
    first = known[0].splits if all(each.splits for each in known) else None
    return SplitMembership(first, parts, certain=all(each.certain for each in known), runs=len(known))


def choose(items: Sequence[Mapping[str, Any]], known: SplitMembership, split: str) -> list[Mapping[str, Any]]:
    """The items of a part.

    Args:
        items: All.
        known: How the run used them.
        split: ``train``, ``validation``, ``test``, ``all``, or ``auto``: the test part of a run that used any
            of these images, else all.

    Raises:
        ConfigError: The part is asked for, and no item is known to be in it.
    """
    if split == "auto":
        split = "test" if known.parts else "all"
    if split == "all":
        return list(items)
    chosen = [item for item in items if known.parts.get(str(item["image"])) == split]
    if not chosen and known.splits and known.runs > 1:
        raise ConfigError(
            f"None of these images is in the {split} part of all {known.runs} runs; say --split all, or, of "
            "the folds of a cross-validation, --folds in place of --model."
        )
    if not chosen:
        where = f"{known.splits}: names none of these images in its {split} part" if known.splits else (
            f"--split {split}: the model has no {SPLITS} beside it"
        )  # fmt: skip
        raise ConfigError(f"{where}; say --split all, or name the file by --splits.")
    return chosen


def leakage_warnings(cases_parts: Sequence[str], known: SplitMembership) -> list[str]:
    """Sentences on images that the model has seen while it was trained, or may have seen.

    Args:
        cases_parts: The part of each image that was evaluated; empty where it is in none.
        known: How these images were used.
    """
    said = []
    count = {part: list(cases_parts).count(part) for part in ("train", "validation")}
    if count["train"]:
        said.append(
            f"The model was TRAINED on {count['train']} of these {len(cases_parts)} images: on them it shows "
            "what it remembers, not what it can do."
        )
    if count["validation"]:
        said.append(
            f"{count['validation']} of these {len(cases_parts)} images chose the model's checkpoint: their "
            "numbers are too good."
        )
    if known.splits is None:
        said.append("Nothing tells whether the model was trained on these images: it has no splits.json.")
    elif not known.certain:
        said.append(
            "The run's data lay in another folder: which images it trained on was told by their names alone."
        )
    return said


def _below(paths: Sequence[str], folder: Path | None) -> bool:
    if folder is None:
        return False
    root = folder.resolve()
    return all(Path(path).resolve().is_relative_to(root) for path in paths)
