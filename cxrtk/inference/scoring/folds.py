"""Cross-validation: each image is segmented by the run whose test part contains its patient."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cxrtk.api import Radiograph
from cxrtk.data.split_files import names_in, part_finder
from cxrtk.errors import ConfigError, DataError
from cxrtk.evaluation.case import Found
from cxrtk.inference.scoring.finders import ModelLungs
from cxrtk.models.ensemble import unlike


class Fold(NamedTuple):
    """One run of a cross-validation: its name, its lung finder and its split file."""

    name: str
    find: ModelLungs
    splits: Path


class FoldLungs:
    """Segments each image with the run whose test part contains it.

    Args:
        folds: Runs of the cross-validation.

    Raises:
        ConfigError: There are fewer than two runs, their inputs, outputs or thresholds differ, or they were
            split from different images.
    """

    def __init__(self, folds: Sequence[Fold]) -> None:
        if len(folds) < 2:
            raise ConfigError("Name the runs of at least two folds by --folds, comma-separated.")
        first = folds[0]
        for fold in folds[1:]:
            if differing := unlike(first.find.spec, fold.find.spec):
                raise ConfigError(
                    f"{first.name} and {fold.name} are not folds of one cross-validation: {differing}."
                )
            if first.find.threshold != fold.find.threshold:
                raise ConfigError(
                    f"{first.name} and {fold.name} cut at the probabilities {first.find.threshold} and "
                    f"{fold.find.threshold}; set one for all with --threshold."
                )
            if names_in(fold.splits) != names_in(first.splits):
                raise ConfigError(
                    f"{first.name} and {fold.name} were trained on different data: {first.splits} and "
                    f"{fold.splits} name other images; they are not folds of one cross-validation."
                )
        self._folds = [(fold, part_finder(fold.splits)) for fold in folds]

    def fold_of(self, image: str) -> str:
        """Return the name of the run whose test part contains an image; empty if there is none.

        Raises:
            DataError: The image is in the test part of two runs.
        """
        fold = self._tested_by(image)
        return fold.name if fold else ""

    def __call__(self, name: str, radiograph: Radiograph, heart: str) -> Found:
        """Segment the image with the run whose test part contains it."""
        fold = self._tested_by(name)
        if fold is None:
            raise DataError(f"{name}: is in the test part of none of the runs.")
        return fold.find(name, radiograph, heart)

    def _tested_by(self, image: str) -> Fold | None:
        testing = [fold for fold, part in self._folds if part(image) == "test"]
        if len(testing) > 1:
            both = " and ".join(fold.name for fold in testing[:2])
            raise DataError(
                f"{Path(image).name}: {both} both test it; are they folds of one cross-validation (--fold 0, "
                "1, ... of the same --folds and --seed)?"
            )
        return testing[0] if testing else None
