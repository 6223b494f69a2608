"""Predictions to evaluate, and their entry in the evaluation's record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxrtk.api import MaskGenerator
from cxrtk.errors import ConfigError
from cxrtk.evaluation.case import Finder
from cxrtk.inference.scoring.finders import GeneratedLungs, ModelLungs
from cxrtk.inference.scoring.folder_lungs import FolderLungs, SizeOf
from cxrtk.inference.scoring.folds import Fold, FoldLungs
from cxrtk.models.find import find_model, members, path_of
from cxrtk.models.membership import SplitMembership, known_to_any, splits_beside
from cxrtk.models.model_file import Model
from cxrtk.registry import check_arguments, masks
from cxrtk.wording import distinct

Item = Mapping[str, Any]


@dataclass(frozen=True)
class Predictions:
    """Predictions to evaluate.

    Attributes:
        find: Finds the lungs of an image.
        about: Description for the record: ``kind``, ``name`` and so on.
        splits: Split file of each run that the predictions come from; ``None`` for a run without one.
        probabilities: Whether `find` returns probabilities.
        learned: Whether the predictor was trained on images; these may be among the evaluated ones.
        fold_of: For a cross-validation, maps the path of an image to the run whose test part contains it;
            only images in the test part of a run are evaluated, by that run.
        files: Files from which `find` reads the lungs of an image, by the name of the image.
        check: Raises an error where the predictions for images of some names and sizes cannot be used at all;
            see `FolderLungs.check`.
    """

    find: Finder
    about: Mapping[str, Any]
    splits: Sequence[Path | None] = ()
    probabilities: bool = False
    learned: bool = False
    fold_of: Callable[[str], str] | None = None
    files: Callable[[str], Sequence[str]] = lambda name: ()
    check: Callable[[Sequence[str], SizeOf], None] = lambda names, size_of: None

    def known(self, items: Sequence[Item]) -> SplitMembership:
        """Look up the membership of some images in the splits of the runs."""
        if self.fold_of is None:
            return known_to_any(self.splits, items)
        images = [str(item["image"]) for item in items]
        parts = {image: "test" for image in images if self.fold_of(image)}
        return SplitMembership(self.splits[0], parts)


@dataclass(frozen=True)
class LungSettings:
    """Settings by which lung masks are derived from a model's outputs; see `ModelLungs`.

    Attributes:
        device: Device of the network.
        threshold: Probability threshold of a class; ``None`` for the model's own.
        postprocess: Keep one region per lung and fill its holes.
        classes: Outputs to unite; empty to choose them by the heart convention of the ground truth.
        backend: Library that computes the network; empty for ``CXRTK_BACKEND``, or ``auto``.
        precision: ``auto``, ``fp32`` or ``bf16``; empty for ``CXRTK_PRECISION``, or ``auto``.
    """

    device: str = "cpu"
    threshold: float | None = None
    postprocess: bool = True
    classes: Sequence[str] = ()
    backend: str = ""
    precision: str = ""

    def find(self, name: str) -> tuple[Model, ModelLungs]:
        """Load a model by name, with the finder of its lungs."""
        model = find_model(name, self.device)
        return model, ModelLungs(
            model,
            self.device,
            threshold=self.threshold,
            postprocess=self.postprocess,
            classes=self.classes,
            backend=self.backend,
            precision=self.precision,
        )

    def about(self, lungs: ModelLungs) -> dict[str, Any]:
        """Return the description of a model and these settings, for the record."""
        return {
            "classes": list(lungs.spec.classes),
            "lungs": list(self.classes) or "as the truth has them",
            "threshold": lungs.threshold,
            "postprocess": lungs.postprocess,
            "backend": lungs.backend,
            "precision": lungs.precision,
            "trained": dict(lungs.spec.trained),
        }


def of_folder(
    folder: Path, splits: Path | None, classes: Sequence[int] = (), threshold: float | None = None
) -> Predictions:
    """Use masks in a folder, from any tool; a split file may select the test images; see `FolderLungs`."""
    folder = folder.resolve()
    about: dict[str, Any] = {"kind": "folder", "name": folder.name, "paths": [str(folder)]}
    if classes:
        about["class_numbers"] = list(classes)
    if threshold is not None:
        about["threshold"] = threshold
    find = FolderLungs(folder, classes=classes, threshold=threshold)
    return Predictions(find, about, [splits], files=find.files, check=find.check)


def of_generator(name: str, arguments: Mapping[str, Any], splits: Path | None) -> Predictions:
    """Use the masks of a mask generator; a split file may select the test images.

    Raises:
        ConfigError: The generator does not accept the arguments.
        PluginNotFound: There is no such generator.
    """
    check_arguments(masks, name, arguments)
    generator: MaskGenerator = masks.create(name, **arguments)
    given = {"arguments": dict(arguments)} if arguments else {}
    return Predictions(GeneratedLungs(generator), {"kind": "generator", "name": name, **given}, [splits])


def of_model(name: str, how: LungSettings, splits: Path | None) -> Predictions:
    """Use the lungs segmented by a model or an ensemble.

    Args:
        name: Name or path of the model, as for `find_model`.
        how: Settings of the lung masks.
        splits: Split file that replaces those beside the model.

    Raises:
        ConfigError: The model does not exist or does not segment lungs.
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
    """Use the lungs of a cross-validation, each image segmented by the run whose test part contains it.

    Raises:
        ConfigError: A run has no split file, or the runs are not the folds of one cross-validation.
    """
    folds, digests = [], []
    for name, shown in zip(runs, distinct([Path(name).name for name in runs]), strict=True):
        (model, lungs), beside = how.find(name), splits_beside(name)
        if beside is None:
            raise ConfigError(f"{name}: has no splits.json next to it, so it is unknown what it tested.")
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
    class_numbers: Sequence[int] = (),
) -> Predictions:
    """Make the predictions to evaluate from exactly one of the four sources.

    Args:
        how: Settings by which lung masks are derived from a model's outputs.
        model: Name or path of a model, as for `cxrtk.load_model`.
        folds: Runs of a cross-validation.
        folder: Folder of masks, made by any tool.
        generator: Name of a mask generator.
        arguments: Arguments of the mask generator.
        splits: Split file that replaces those beside a model.
        class_numbers: Numbers that are lungs, if the folder holds class maps.

    Raises:
        ConfigError: No source or more than one is given, or the source cannot be used.
    """
    if sum(map(bool, (model, folds, folder, generator))) != 1:
        raise ConfigError("Choose what to evaluate with one of --model, --folds, --predictions and --masks.")
    if folds:
        return of_folds(folds, how)
    file = Path(splits) if splits else None
    if model:
        return of_model(model, how, file)
    if folder:
        return of_folder(Path(folder), file, class_numbers, how.threshold)
    return of_generator(generator, arguments or {}, file)
