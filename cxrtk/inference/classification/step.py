"""The step that tells findings: probabilities, what the source says, and whether maps point into boxes."""

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

MAPS = "maps"  # folder of the pictures

Item = Mapping[str, Any]


class FindingsStep(Step):
    """Tells the findings of a batch in one run of the network.

    Writes ``findings.csv``, and where the source says what the images show, ``test_metrics.json`` and
    ``localisation.json``.

    Args:
        classifier: Tells them.
        boxed: Scores its maps where radiographs have boxes.
        splits: The split file of the classifier's run; ``None`` where it has none.
        split: Which images to take; see `cxrtk.models.membership.choose`.
        seed: Of the bootstrap intervals.
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
        """Pictures of maps lie side by side."""
        return PurePath(path.with_suffix("").name)

    def settings(self) -> Mapping[str, Any]:
        """The model, the boxes, and which images are looked at."""
        about = {"model": self.classifier.about, "lungs": self.classifier.lungs}
        return {**about, **self.boxed.settings(), "split": self.split, "seed": self.seed}

    def choose(
        self, items: Sequence[Item], has_label: Callable[[Item], bool]
    ) -> Sequence[Mapping[str, Any] | None]:
        """The items of the part asked for, each with its place in the split and with its truth.

        A patient is known by a number that tells patients apart and nothing else.

        Raises:
            ConfigError: No item is known to be in the part asked for.
            DataError: An item's source names what is no finding, or two items have the boxes of one image.
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
        """One outcome a radiograph, with its probabilities and its cases."""
        prepared = [self.classifier.prepare(job.radiograph, str(job.item["image"])) for job in batch]
        found = self.classifier.probabilities(prepared)
        return [self._one(*each) for each in zip(batch, prepared, found, strict=True)]

    def unread(self) -> Mapping[str, Any]:
        """No probabilities and no cases."""
        return {"probabilities": None, "boxes": 0, "cases": []}

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """The tables of all radiographs; see `cxrtk.inference.classification.tables`."""
        return tables.write(rows, self.classifier.findings, output_dir, seed=self.seed)

    def _truth(self, item: Item) -> list[int] | None:
        """0 or 1 for each finding; ``None`` where the source does not say."""
        if not item.get("findings"):
            return None
        return [int(value) for value in findings_of(item, self.classifier.findings)]

    def _one(self, job: Job, prepared: ClassifierInput, found: npt.NDArray[np.float64]) -> Outcome:
        try:
            if not np.isfinite(found).all():
                raise NonFiniteError("The network gives NaN for it; look at the network's weights.")
            cases, files = self.boxed(job, prepared, self.classifier, job.known["drawn"])
        except NonFiniteError as error:
            return Outcome("failed", self.unread(), code="values", reason=str(error))
        return Outcome("ok", {"probabilities": found.tolist(), **cases}, files)
