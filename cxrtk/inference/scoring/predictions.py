"""What is evaluated, and what an evaluation's record says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxrtk.api import MaskGenerator
from cxrtk.errors import ConfigError
from cxrtk.inference.scoring.evaluating import Predictions
from cxrtk.inference.scoring.finders import FolderLungs, GeneratedLungs, ModelLungs
from cxrtk.inference.scoring.folds import Fold, FoldLungs
from cxrtk.models.find import find_model, members, path_of
from cxrtk.models.membership import splits_beside
from cxrtk.models.model_file import Model
from cxrtk.wording import distinct


@dataclass(frozen=True)
class HowLungs:
    """How lungs are made of a model's outputs; see `ModelLungs`.

    Attributes:
        device: Where the model runs.
        threshold: A pixel belongs to a class from this probability on; ``None``: the model's own.
        postprocess: Keep one region a lung, without holes.
        classes: The outputs to unite; empty: as the truth has them.
    """

    device: str = "cpu"
    threshold: float | None = None
    postprocess: bool = True
    classes: Sequence[str] = ()

    def find(self, name: str) -> tuple[Model, ModelLungs]:
        """A model by its name, and what finds its lungs."""
        model = find_model(name, self.device)
        return model, ModelLungs(
            model,
            self.device,
            threshold=self.threshold,
            postprocess=self.postprocess,
            classes=self.classes,
        )

    def about(self, lungs: ModelLungs) -> dict[str, Any]:
        """For the record."""
        return {
            "classes": list(lungs.spec.classes),
            "lungs": list(self.classes) or "as the truth has them",
            "threshold": lungs.threshold,
            "postprocess": lungs.postprocess,
            "trained": dict(lungs.spec.trained),
        }


def of_folder(folder: Path, splits: Path | None) -> Predictions:
    """Masks that any tool made; a split file may say which images are tested."""
    folder = folder.resolve()
    about = {"kind": "folder", "name": folder.name, "paths": [str(folder)]}
    return Predictions(FolderLungs(folder), about, [splits])


def of_generator(name: str, generator: MaskGenerator, splits: Path | None) -> Predictions:
    """The masks of a mask generator; a split file may say which images are tested."""
    return Predictions(GeneratedLungs(generator), {"kind": "generator", "name": name}, [splits])


def of_model(name: str, how: HowLungs, splits: Path | None) -> Predictions:
    """The lungs of a model, or of an ensemble.

    Args:
        name: As `find_model` takes it.
        how: How its lungs are made.
        splits: Split file in place of those that lie beside it.

    Raises:
        ConfigError: There is no such model, or it makes no such masks.
    """
    model, lungs = how.find(name)
    about = {
        "kind": "model",
        "name": model.spec.name,
        "paths": [str(path_of(each)) for each in members(name)],
        "sha256": model.sha256,
        **how.about(lungs),
    }
    beside = [splits] if splits is not None else [splits_beside(each) for each in members(name)]
    return Predictions(lungs, about, beside, probabilities=True, learned=True)


def of_folds(runs: Sequence[str], how: HowLungs) -> Predictions:
    """A cross-validation: each image by the run that tested it.

    Raises:
        ConfigError: A run has no split file, or they are no folds of one cross-validation.
    """
    folds, digests = [], []
    for name, shown in zip(runs, distinct([Path(name).name for name in runs]), strict=True):
        (model, lungs), beside = how.find(name), splits_beside(name)
        if beside is None:
            raise ConfigError(f"{name}: has no splits.json beside it, so that nothing tells what it tested.")
        folds.append(Fold(shown, lungs, beside))
        digests.append(model.sha256)
    find = FoldLungs(folds)
    about = {
        "kind": "folds",
        "name": f"{len(folds)} folds",
        "paths": [str(path_of(name)) for name in runs],
        "sha256": digests,
        **how.about(folds[0].find),
    }
    splits = [fold.splits for fold in folds]
    return Predictions(find, about, splits, probabilities=True, learned=True, fold_of=find.fold_of)
