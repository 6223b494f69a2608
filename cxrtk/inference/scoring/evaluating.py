"""One model, generator or folder of masks on one data set -> a folder with the evaluation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cxrtk import __version__
from cxrtk.api import Label, MaskGenerator, Reader
from cxrtk.data.generate import make_mask
from cxrtk.data.isolation import IsolatedReader
from cxrtk.errors import ConfigError, DataError
from cxrtk.evaluation.bootstrap import RESAMPLES
from cxrtk.evaluation.curves import save_counts
from cxrtk.evaluation.meter import Meter
from cxrtk.evaluation.run import Finder, Results, Truth, evaluate, reader_truth
from cxrtk.evaluation.storage import CURVES, MASKS, write_evaluation
from cxrtk.evaluation.subgroups import subgroups
from cxrtk.evaluation.summary import Summary, summarise, summarise_cases
from cxrtk.evaluation.table import Evaluation
from cxrtk.models import membership as trained
from cxrtk.process.command import command_words
from cxrtk.process.machine import versions
from cxrtk.wording import counted

Item = Mapping[str, Any]
FOLD = "fold"  # the column with the run that tested an image


@dataclass(frozen=True)
class DataSet:
    """Images and what counts as true for them.

    Attributes:
        path: Its folder.
        reader: Name of the reader.
        arguments: Of the reader, JSON values.
        generator: Makes the masks that count as true; ``None``: those that come with the images do.
        generator_name: Of the generator.
    """

    path: Path
    reader: str
    arguments: Mapping[str, Any]
    generator: MaskGenerator | None = None
    generator_name: str = ""


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

    def known(self, items: Sequence[Item]) -> trained.Known:
        """What the runs did with some images."""
        if self.fold_of is None:
            return trained.known_to_any(self.splits, items)
        images = [str(item["image"]) for item in items]
        parts = {image: "test" for image in images if self.fold_of(image)}
        return trained.Known(self.splits[0], parts)


@dataclass(frozen=True)
class Options:
    """How it is evaluated.

    Attributes:
        split: ``auto``, ``test``, ``validation``, ``train`` or ``all``; see `trained.choose`.
        by: Columns whose values are summed up apart.
        masks: Write the predicted masks.
        resamples: Of the bootstrap.
        seed: Of the bootstrap.
        settings: Of the metrics, for the record.
    """

    split: str = "auto"
    by: Sequence[str] = ()
    masks: bool = True
    resamples: int = RESAMPLES
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """An evaluation, summed up."""

    evaluation: Evaluation
    summaries: Sequence[Summary]
    subgroups: Mapping[str, Mapping[str, Sequence[Summary]]]


def run(
    predictions: Predictions,
    data: DataSet,
    metrics: Mapping[str, Any],
    output: Path,
    options: Options,
    progress: Callable[[int], Callable[[], None]],
) -> Done:
    """Evaluate, and write ``evaluation.json``, ``cases.csv``, ``curves.npz`` and ``masks/`` into `output`.

    Args:
        predictions: What is evaluated.
        data: On what.
        metrics: Name -> metric.
        output: Folder for the results.
        options: How.
        progress: Is told how many images there are; gives what is called after each.

    Raises:
        ConfigError: A column or a part that there is not, or another convention on the heart.
        DataError: There is no image with a mask, or truths of several kinds.
    """
    with IsolatedReader(data.reader, data.arguments) as reader:
        labelled, unlabelled = _labelled(reader, data)
        _check_columns(labelled, options.by)
        known = predictions.known(labelled)
        items = trained.choose(labelled, known, options.split)
        untested = []
        if predictions.fold_of is not None:
            if len(items) < len(labelled):
                missing = len(labelled) - len(items)
                untested = [
                    f"{missing} of {len(labelled)} images are tested by none of these runs; left out."
                ]
            items = [{**item, FOLD: predictions.fold_of(str(item["image"]))} for item in items]
            options = replace(options, by=[*options.by, FOLD])
        meter = Meter(metrics, probabilities=predictions.probabilities)
        results = evaluate(
            items,
            reader,
            predictions.find,
            truth_of(reader, data),
            meter,
            dataset_dir=data.path,
            parts=known.parts,
            columns=options.by,
            masks_dir=output / MASKS if options.masks else None,
            report=progress(len(items)),
        )
    if not results.cases:
        image, why = results.left_out[0]
        raise DataError(f"None of {len(items)} images can be evaluated; the first, {image}: {why}.")
    evaluation = Evaluation(
        cases=results.cases,
        metrics=meter.about,
        about=_about(predictions, data, options, known, len(items) == len(labelled), unlabelled),
        warnings=[*_warnings(predictions, known, results, unlabelled), *untested],
        left_out=results.left_out,
    )
    done = summed_up(evaluation, options)
    if results.counts:
        save_counts([case.image for case in results.cases], results.counts, output / CURVES)
    write_evaluation(evaluation, output, summaries=done.summaries, subgroups=done.subgroups)
    return done


def summed_up(evaluation: Evaluation, options: Options) -> Done:
    """All cases together, and by the columns."""
    settings: dict[str, Any] = {"resamples": options.resamples, "seed": options.seed}
    groups = {
        column: {
            value: [
                summary
                for name, about in evaluation.metrics.items()
                for summary in summarise_cases(cases, name, about, **settings)
            ]
            for value, cases in subgroups(evaluation.cases, column).items()
        }
        for column in options.by
    }
    return Done(evaluation, summarise(evaluation, **settings), groups)


def _labelled(reader: Reader, data: DataSet) -> tuple[list[Item], int]:
    """The items that have a mask, and how many have none."""
    items = reader.items()
    if data.generator is not None:
        return list(items), 0
    labelled = [item for item in items if reader.has_label(item)]
    if not labelled:
        raise DataError(
            f"{data.path}: none of {len(items)} images has a mask; name a mask generator by --truth to "
            "measure against generated masks."
        )
    return list(labelled), len(items) - len(labelled)


def truth_of(reader: Reader, data: DataSet) -> Truth:
    """What counts as true for an item of the data set."""
    if data.generator is None:
        return reader_truth(reader)
    generator = data.generator
    # Thresholds know no heart; what they cut is neither convention.
    return lambda _, radiograph: Label(
        make_mask(generator, radiograph.pixels)[0][None], ("lungs",), truth="generated"
    )


def _check_columns(items: Sequence[Item], columns: Sequence[str]) -> None:
    for column in columns:
        if any(column not in item for item in items):
            known = ", ".join(key for key in items[0] if key not in ("image", "patient"))
            raise ConfigError(f"--by {column}: the images have no such column; there are: {known or 'none'}.")


def _warnings(predictions: Predictions, known: trained.Known, results: Results, unlabelled: int) -> list[str]:
    said = trained.warnings([case.part for case in results.cases], known) if predictions.learned else []
    first = results.cases[0]
    if first.truth == "generated":
        said.append(
            "The masks that count as true were made by thresholds: these numbers say how well the thresholds "
            "are met, not how well the lungs are."
        )
    if first.truth == "model":
        said.append("The masks that count as true were made by a model, not by humans.")
    if first.heart == "unknown" and first.truth == "human":
        said.append(
            "Nothing says whether these masks run through the heart; lungs without it were compared. Say "
            "--set reader#heart=excluded or included."
        )
    if results.left_out:
        unread = counted(len(results.left_out), "image")
        said.append(f"Left out of every number: {unread} that could not be read.")
    if unlabelled:
        bare = counted(unlabelled, "image")
        said.append(f"Left out of every number: {bare} of the data set without a mask.")
    return said


def _about(
    predictions: Predictions,
    data: DataSet,
    options: Options,
    known: trained.Known,
    every: bool,
    unlabelled: int,
) -> dict[str, Any]:
    split = options.split
    if split == "auto":
        split = "test" if known.parts else "all"
    return {
        "cxrtk": __version__,
        "command": command_words(),
        "versions": versions(),
        "predictions": dict(predictions.about),
        "dataset": {
            "name": data.path.resolve().name,
            "path": str(data.path.resolve()),
            "reader": data.reader,
            "arguments": dict(data.arguments),
            "truth_generator": data.generator_name,
            "unlabelled": unlabelled,
        },
        "split": {
            "part": split,
            "files": [str(each) for each in predictions.splits if each is not None],
            "every_image": every,
        },
        "resolution": "original size",
        "metric_settings": dict(options.settings),
        "bootstrap": {"resamples": options.resamples, "seed": options.seed, "by": "patient"},
        "by": list(options.by),
    }
