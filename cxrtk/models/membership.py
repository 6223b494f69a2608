"""Membership of images in the split of a model's run, to detect evaluation on training data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cxrtk.data.split_files import parts_of
from cxrtk.errors import ConfigError
from cxrtk.models.shipping import shipped
from cxrtk.training import record

SPLITS = "splits.json"


@dataclass(frozen=True)
class SplitMembership:
    """Membership of some images in the split of a model's run.

    Attributes:
        splits: Path of the split file; ``None`` where the model has none.
        parts: Path of an image -> ``train``, ``validation`` or ``test``.
        certain: Whether the images lie in the folder that the run was trained on; otherwise they were matched
            by their names alone.
        runs: Number of runs that the parts summarise.
    """

    splits: Path | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    certain: bool = True
    runs: int = 1

    def count(self, part: str) -> int:
        """Return the number of images in a part."""
        return sum(found == part for found in self.parts.values())


def splits_beside(model: str) -> Path | None:
    """Return the split file of a run, of one of its checkpoints, of a model file, or of a shipped model.

    For ``lungs.safetensors`` it is ``lungs.splits.json``, or the ``splits.json`` of the run's folder around
    it.
    """
    path = shipped().get(model, Path(model))
    places = [path / SPLITS] if path.is_dir() else [path.with_suffix(f".{SPLITS}"), path.parent / SPLITS]
    return next((place for place in places if place.is_file()), None)


def known_parts(splits: Path | None, items: Sequence[Mapping[str, Any]]) -> SplitMembership:
    """Look up items in a run's split.

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
    """Combine the splits of several runs: an image is in train if any run trained on it; likewise validation.

    Raises:
        DataError: A file is not a split file.
    """
    known = [known_parts(each, items) for each in splits]
    if len(known) < 2:
        return known[0] if known else SplitMembership()
    parts: dict[str, str] = {}
    for part in ("test", "validation", "train"):  # the most severe last
        parts |= {image: part for each in known for image, found in each.parts.items() if found == part}
    first = known[0].splits if all(each.splits for each in known) else None
    return SplitMembership(first, parts, certain=all(each.certain for each in known), runs=len(known))


def choose(items: Sequence[Mapping[str, Any]], known: SplitMembership, split: str) -> list[Mapping[str, Any]]:
    """Select the items of a part.

    Args:
        items: All items.
        known: Membership of the items.
        split: ``train``, ``validation``, ``test``, ``all``, or ``auto``: the test part of a run that used any
            of these images, else all.

    Raises:
        ConfigError: No item is known to be in the requested part.
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
            f"--split {split}: the model has no {SPLITS} next to it"
        )  # fmt: skip
        raise ConfigError(f"{where}; use --split all, or give the file with --splits.")
    return chosen


def leakage_warnings(cases_parts: Sequence[str], known: SplitMembership) -> list[str]:
    """Return warnings on images that the model was, or may have been, trained on.

    Args:
        cases_parts: Part of each evaluated image; empty where it is in none.
        known: Membership of these images.
    """
    said = []
    count = {part: list(cases_parts).count(part) for part in ("train", "validation")}
    if count["train"]:
        said.append(
            f"The model was TRAINED on {count['train']} of these {len(cases_parts)} images: its results "
            "on them do not show how well it generalises."
        )
    if count["validation"]:
        said.append(
            f"{count['validation']} of these {len(cases_parts)} images were used to select the "
            "model's checkpoint: the results on them are too optimistic."
        )
    if known.splits is None:
        said.append("It is unknown whether the model was trained on these images: it has no splits.json.")
    elif not known.certain:
        said.append(
            "The run's data was in another folder: which images it was trained on was determined by their "
            "names alone."
        )
    return said


def _below(paths: Sequence[str], folder: Path | None) -> bool:
    if folder is None:
        return False
    root = folder.resolve()
    return all(Path(path).resolve().is_relative_to(root) for path in paths)
