"""Step of `cxrtk evaluate`: scores of predicted masks against the ground truth, and summary tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk.api import Job, Outcome, Step
from cxrtk.errors import ConfigError, CxrReadError, DataError
from cxrtk.evaluation.case import score
from cxrtk.evaluation.curves import pack, save_counts, unpack
from cxrtk.evaluation.meter import Meter
from cxrtk.evaluation.storage import CASES, CURVES, FILE, MASKS, case_of, write_evaluation
from cxrtk.evaluation.table import NO_PREDICTION, Case, Evaluation
from cxrtk.inference.scoring.data_set import DataSet
from cxrtk.inference.scoring.folder_lungs import NEARLY_ALL
from cxrtk.inference.scoring.options import EvaluationOptions
from cxrtk.inference.scoring.predictions import Item, Predictions
from cxrtk.inference.scoring.record import about, warnings
from cxrtk.inference.scoring.summed import summed_up
from cxrtk.models.membership import choose

KNOWN = ("patient", "part", "columns")  # fields of a case that are known before its image is read
FOLD = "fold"  # column of the run whose test part contains the image


class EvaluateStep(Step):
    """Evaluates predictions against the ground truth, per radiograph and at the original size.

    Writes ``evaluation.json``, ``cases.csv``, ``curves.npz`` if there are probabilities, and the predicted
    masks (0 and 255) in ``masks/``.

    Args:
        predictions: Predictions to evaluate.
        data: Data set with the ground truth.
        metrics: Metrics by name.
        options: Options of the evaluation.
    """

    folder = MASKS

    def __init__(
        self, predictions: Predictions, data: DataSet, metrics: Mapping[str, Any], options: EvaluationOptions
    ) -> None:
        self.predictions = predictions
        self.data = data
        self.meter = Meter(metrics, probabilities=predictions.probabilities)
        self.options = options

    @property
    def columns(self) -> Sequence[str]:
        """Columns by which the results are grouped."""
        return [*self.options.by, *([FOLD] if self.predictions.fold_of is not None else [])]

    def settings(self) -> Mapping[str, Any]:
        """Return the predictions, the ground truth and the metrics."""
        made = {key: value for key, value in self.predictions.about.items() if key != "paths"}
        return {
            "predictions": made,
            "reader": self.data.reader,
            "reader_arguments": {key: value for key, value in self.data.arguments.items() if key != "root"},
            "truth": {"generator": self.data.generator_name, **self.data.generator_arguments},
            "metrics": sorted(self.meter.about),
            "metric_settings": dict(self.options.settings),
            "split": self.options.split,
            "by": list(self.options.by),
            "masks": self.options.masks,
        }

    def choose(
        self, items: Sequence[Item], has_label: Callable[[Item], bool]
    ) -> Sequence[Mapping[str, Any] | None]:
        """Select the items of the requested part that have ground truth, each with its part and its columns.

        Raises:
            ConfigError: A column or a part does not exist.
            DataError: No item has ground truth.
        """
        labelled = [item for item in items if self.data.generator is not None or has_label(item)]
        if not labelled:
            raise DataError(
                f"{self.data.path}: none of {len(items)} images has a mask; name a mask generator by --truth "
                "to measure against generated masks."
            )
        _check_columns(labelled, self.options.by)
        known = self.predictions.known(labelled)
        taken = choose(labelled, known, self.options.split)
        part = self.options.split
        if part == "auto":
            part = "test" if known.parts else "all"
        facts = {
            "split": part,
            "split_file": known.splits is not None,
            "certain": known.certain,
            "images": len(labelled),
            "chosen": len(taken),
            "unlabelled": len(items) - len(labelled),
        }
        self._check_predictions(taken)
        numbers: dict[str, str] = {}  # patient keys may be names, so only their numbers are recorded
        told = {
            id(item): {
                "patient": numbers.setdefault(str(item["patient"]), f"p{len(numbers) + 1}"),
                "part": known.parts.get(str(item["image"]), ""),
                "columns": self._columns_of(item),
                "chosen_from": facts,
            }
            for item in taken
        }
        return [told.get(id(item)) for item in items]

    def _check_predictions(self, items: Sequence[Item]) -> None:
        paths = {self.data.name_of(item): str(item["image"]) for item in items}
        with self.data.isolated_reader() as reader:

            def size_of(name: str) -> tuple[int, int] | None:
                try:
                    rows, columns = reader.read(paths[name]).pixels.shape
                except CxrReadError:
                    return None  # reported when it is evaluated
                return rows, columns

            self.predictions.check(list(paths), size_of)

    def _columns_of(self, item: Item) -> dict[str, str]:
        found = {key: "" if item[key] is None else str(item[key]) for key in self.options.by}
        if self.predictions.fold_of is not None:
            found[FOLD] = self.predictions.fold_of(str(item["image"]))
        return found

    def further_inputs(self, item: Item, name: str, labels: Sequence[str]) -> Sequence[str]:
        """Return the files of the true mask, unless it is generated, and of the predicted mask, if any."""
        truth = labels if self.data.generator is None else ()
        return [*truth, *self.predictions.files(name)]

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Return one outcome per radiograph: its case, and its pixel counts by probability and ground truth.

        Raises:
            ConfigError: The model supports the other heart convention only.
        """
        return [self._one(job) for job in batch]

    def _one(self, job: Job) -> Outcome:
        try:
            label = self.data.truth(str(job.item["image"]), job.radiograph, job.read_label)
        except CxrReadError as error:
            return Outcome(
                "failed", self.unread(), code=error.code, reason=_reason(error, job), cure=error.cure or ""
            )
        found = self.predictions.find(job.name, job.radiograph, label.heart)
        case, counts = score(
            job.name,
            job.radiograph,
            label,
            found,
            self.meter,
            patient=job.known["patient"],
            part=job.known["part"],
            columns=job.known["columns"],
        )
        files = [_save(found.mask, job.stem.with_name(f"{job.stem.name}.png"))] if self.options.masks else []
        return Outcome(
            "ok", {"case": asdict(case), "counts": None if counts is None else pack(counts)}, files
        )

    def unread(self) -> Mapping[str, Any]:
        """Return the row of a file that could not be read: no case."""
        return {"case": None, "counts": None}

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """Summarise all cases and write the evaluation.

        Raises:
            DataError: No image could be evaluated, or the ground truth is of several kinds.
        """
        cases: list[Case] = []
        left_out: list[tuple[str, str]] = []
        counts = []
        facts: Mapping[str, Any] = {}
        for row in rows:
            facts = row["chosen_from"]
            if row["case"] is None:
                left_out.append((row["input"], row["reason"]))
                continue
            now = {key: row[key] for key in KNOWN}  # current values of the data set
            shown = {"mask": next(iter(row["outputs"]), ""), "flags": row.get("flags", ())}
            cases.append(case_of({**row["case"], **now, **shown}))
            if row["counts"] is not None:
                counts.append(unpack(row["counts"]))
        if not cases:
            total, (image, why) = len(left_out), left_out[0]
            raise DataError(f"None of {total} images can be evaluated; the first, {image}: {why}.")
        self._require_predictions(cases)
        evaluation = Evaluation(
            cases=cases,
            metrics=self.meter.about,
            about=about(self.predictions, self.data, self.options, self.columns, facts),
            warnings=warnings(self.predictions, cases, len(left_out), facts),
            left_out=left_out,
        )
        done = summed_up(evaluation, self.columns, resamples=self.options.resamples, seed=self.options.seed)
        if counts:
            save_counts([case.image for case in cases], counts, output_dir / CURVES)
        write_evaluation(evaluation, output_dir, summaries=done.summaries, subgroups=done.subgroups)
        return [output_dir / name for name in (FILE, CASES, *([CURVES] if counts else []))]

    def _require_predictions(self, cases: Sequence[Case]) -> None:
        """Refuse to score a folder if its predictions are not bad, but in a form that cannot be used.

        Raises:
            DataError: All images, or nearly all, lack a usable prediction.
        """
        lost = [case for case in cases if case.failure.startswith(NO_PREDICTION)]
        if self.predictions.about["kind"] == "folder" and len(lost) > NEARLY_ALL * len(cases):
            why = lost[0].failure.removeprefix(f"{NO_PREDICTION}: ")
            raise DataError(
                f"{self.predictions.about['paths'][0]}: of {len(cases)} images {len(lost)} have no "
                f"prediction that can be used; the first, {lost[0].image}: {why}. No table was written."
            )


def _reason(error: CxrReadError, job: Job) -> str:
    """Return the reason why a radiograph cannot be evaluated; it names the mask if the mask is the cause."""
    path = Path(error.path)
    return error.reason if str(path) == str(job.item["image"]) else f"its mask {path.name} {error.reason}"


def _check_columns(items: Sequence[Item], columns: Sequence[str]) -> None:
    for column in columns:
        if any(column not in item for item in items):
            known = ", ".join(key for key in items[0] if key not in ("image", "patient"))
            raise ConfigError(f"--by {column}: the images have no such column; available: {known or 'none'}.")


def _save(mask: npt.NDArray[np.uint8], path: Path) -> Path:
    Image.fromarray(mask * np.uint8(255)).save(path)
    return path
