"""Step of `cxrtk findings`: probabilities, scores if ground truth is available, and localisation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import numpy.typing as npt

from cxrtk.api import Job, Outcome, Step
from cxrtk.data.load_findings import findings_of
from cxrtk.errors import NonFiniteError
from cxrtk.inference.classification import tables
from cxrtk.inference.classification.classifier import Classifier, ClassifierInput
from cxrtk.inference.classification.pointing import Boxed
from cxrtk.models.membership import choose, known_parts
from cxrtk.passes.plan import shared_endings

MAPS = "maps"  # folder of the overlays

Item = Mapping[str, Any]


class FindingsStep(Step):
    """Classifies a batch of radiographs in one forward pass.

    Writes ``findings.csv``; if the source provides ground truth, also ``test_metrics.json`` and
    ``localisation.json``.

    Args:
        classifier: Classifier that predicts the findings.
        boxed: Scores the activation maps of radiographs that have boxes.
        splits: Split file of the classifier's run; ``None`` if it has none.
        split: Part of the split to take; see `cxrtk.models.membership.choose`.
        seed: Seed of the bootstrap intervals.
    """

    folder = MAPS

    def __init__(
        self,
        classifier: Classifier,
        boxed: Boxed | None = None,
        *,
        splits: Path | None = None,
        split: str = "all",
        seed: int = 0,
    ) -> None:
        self.classifier = classifier
        self.boxed = boxed or Boxed()
        self.splits = splits
        self.split = split
        self.seed = seed
        self.endings = shared_endings([f"_{name}" for name in classifier.findings])

    def stem_of(self, path: PurePath) -> PurePath:
        """Return the output stem of a radiograph; all overlays lie in one folder."""
        return PurePath(path.with_suffix("").name)

    def settings(self) -> Mapping[str, Any]:
        """Return the model, the boxes and the selection of images."""
        about = {"model": self.classifier.about, "lungs": self.classifier.lungs}
        return {**about, **self.boxed.settings(), "split": self.split, "seed": self.seed}

    def choose(
        self, items: Sequence[Item], has_label: Callable[[Item], bool]
    ) -> Sequence[Mapping[str, Any] | None]:
        """Select the items of the requested part, each with its part of the split and its ground truth.

        Patients are replaced by numbers that identify them only within this pass.

        Raises:
            ConfigError: No item is known to belong to the requested part.
            DataError: The source of an item names an unknown finding, or two items match the boxes of one
                image.
        """
        known = known_parts(self.splits, items)
        taken = {id(item) for item in choose(items, known, self.split)}
        images = [str(item["image"]) if id(item) in taken else None for item in items]
        drawn = self.boxed.drawn(images, self.classifier.findings)
        patients: dict[str, int] = {}
        return [
            None
            if image is None
            else {
                "patient": patients.setdefault(str(item.get("patient", image)), len(patients)),
                "part": known.parts.get(image, ""),
                "part_certain": known.certain,
                "truth": self._truth(item),
                "drawn": pictures,
            }
            for item, image, pictures in zip(items, images, drawn, strict=True)
        ]

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Return one outcome per radiograph, with its probabilities and its localisation cases."""
        prepared = [self.classifier.prepare(job.radiograph, str(job.item["image"])) for job in batch]
        found = self.classifier.probabilities(prepared)
        return [self._one(*each) for each in zip(batch, prepared, found, strict=True)]

    def unread(self) -> Mapping[str, Any]:
        """Return the row of a file that could not be read: no probabilities and no cases."""
        return {"probabilities": None, "boxes": 0, "cases": []}

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """Write the tables of all radiographs; see `cxrtk.inference.classification.tables`."""
        return tables.write(rows, self.classifier.findings, output_dir, seed=self.seed)

    def _truth(self, item: Item) -> list[int] | None:
        """Return the ground truth of an item, 0 or 1 per finding; ``None`` if the source has none."""
        if not item.get("findings"):
            return None
        return [int(value) for value in findings_of(item, self.classifier.findings)]

    def _one(self, job: Job, prepared: ClassifierInput, found: npt.NDArray[np.float64]) -> Outcome:
        try:
            if not np.isfinite(found).all():
                raise NonFiniteError("The network gives NaN for it; check the network's weights.")
            cases, files = self.boxed(job, prepared, self.classifier, job.known["drawn"])
        except NonFiniteError as error:
            return Outcome("failed", self.unread(), code="values", reason=str(error))
        return Outcome("ok", {"probabilities": found.tolist(), **cases}, files)
