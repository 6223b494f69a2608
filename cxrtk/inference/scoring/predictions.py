"""What is evaluated, and what an evaluation's record says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxrtk.api import MaskGenerator
from cxrtk.errors import ConfigError
from cxrtk.evaluation.case import Finder
from cxrtk.inference.scoring.finders import FolderLungs, GeneratedLungs, ModelLungs
from cxrtk.inference.scoring.folds import Fold, FoldLungs
from cxrtk.models.find import find_model, members, path_of
from cxrtk.models.membership import SplitMembership, known_to_any, splits_beside
from cxrtk.models.model_file import Model
from cxrtk.registry import check_arguments, masks
from cxrtk.wording import distinct

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Predictions:
    """What is evaluated.

    Attributes:
        find: Gives the masks.
        about: What it is, for the record: ``kind``, ``name`` and so on.
        splits: Split file of each run that it comes from; ``None`` where one has none.
        probabilities: Whether `find` gives any.
        learned: Whether it was trained on images; else no image can be one of those.
        fold_of: Path of an image -> the run that tests it, of a cross-validation; then only images that one
            tests are evaluated, by that one.
    """

    find: Finder
    about: Mapping[str, Any]
    splits: Sequence[Path | None] = ()
    probabilities: bool = False
    learned: bool = False
    fold_of: Callable[[str], str] | None = None

    def known(self, items: Sequence[Item]) -> SplitMembership:
        """How the runs used some images."""
        if self.fold_of is None:
            return known_to_any(self.splits, items)
        images = [str(item["image"]) for item in items]
        parts = {image: "test" for image in images if self.fold_of(image)}
        return SplitMembership(self.splits[0], parts)


@dataclass(frozen=True)
class LungSettings:
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


def of_model(name: str, how: LungSettings, splits: Path | None) -> Predictions:
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


def of_folds(runs: Sequence[str], how: LungSettings) -> Predictions:
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


def predictions_of(
    how: LungSettings,
    *,
    model: str = "",
    folds: Sequence[str] = (),
    folder: str = "",
    generator: str = "",
    arguments: Mapping[str, Any] | None = None,
    splits: str = "",
) -> Predictions:
    """What is evaluated, by the one of four names that is given.

    Args:
        how: How lungs are made of a model's outputs.
        model: As `cxrtk.load_model` takes it.
        folds: Runs of a cross-validation.
        folder: Of masks that any tool made.
        generator: Name of a mask generator.
        arguments: Of the generator.
        splits: Split file in place of those that lie beside a model.

    Raises:
        ConfigError: None is given, or more than one; or it cannot be used.
    """
    if sum(map(bool, (model, folds, folder, generator))) != 1:
        raise ConfigError("Name what to evaluate by one of --model, --folds, --predictions and --masks.")
    if folds:
        return of_folds(folds, how)
    file = Path(splits) if splits else None
    if model:
        return of_model(model, how, file)
    if folder:
        return of_folder(Path(folder), file)
    check_arguments(masks, generator, arguments or {})
    return of_generator(generator, masks.create(generator, **(arguments or {})), file)
