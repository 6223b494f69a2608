"""A classifier over many files: probabilities, and how right they are where the source tells."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from cxrtk.data.atomic import replacing
from cxrtk.data.boxes import Box, scale_box
from cxrtk.data.load_findings import findings_of
from cxrtk.data.outputs import reason
from cxrtk.evaluation.finding_report import METRICS, TRUTH, write_metrics
from cxrtk.evaluation.findings import FindingScore, score_findings
from cxrtk.evaluation.localisation import LocalisedCase, localise
from cxrtk.evaluation.localisation_summary import LocalisationScores, summarise
from cxrtk.explain.pictures import save_overlay
from cxrtk.inference.classifier import Classifier, Prepared
from cxrtk.passes.reading import Read, ReadAhead

TABLE = "findings.csv"
LOCALISATION = "localisation.json"
CASES = "localisation.csv"
MAPS = "maps"

Item = Mapping[str, Any]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Told:
    """One image.

    Attributes:
        image: Path under the input folder.
        patient: Whose it is.
        probabilities: (F,) in [0, 1]; ``None`` where it could not be read.
        truth: (F,) of 0 and 1; ``None`` where the source does not say.
        reason: Why it could not be read; no header values.
    """

    image: str
    patient: str
    probabilities: npt.NDArray[np.float64] | None = None
    truth: npt.NDArray[np.float32] | None = None
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of all images.

    Attributes:
        images: In the order of the reader.
        scores: Of each finding, over those images whose source tells; empty where none does.
        localisation: Of each finding with boxes; empty where there are none.
        boxes_without_image: Boxes of images that were not looked at.
    """

    images: Sequence[Told]
    scores: Sequence[FindingScore] = ()
    localisation: Sequence[LocalisationScores] = ()
    boxes_without_image: int = 0

    @property
    def failed(self) -> int:
        """Images that could not be read."""
        return sum(told.probabilities is None for told in self.images)


@dataclass(frozen=True)
class Options:
    """How it is done.

    Attributes:
        batch_size: Images in one run of the network.
        boxes: Around findings, in pixels of 1024 x 1024; maps are scored against them.
        tolerance: Pixels of the image that the pointing game allows beside a box.
        pictures: How many maps with boxes to draw.
        seed: Of the intervals.
    """

    batch_size: int = 8
    boxes: Sequence[Box] = ()
    tolerance: float = 0.0
    pictures: int = 0
    seed: int = 0


@dataclass
class _Localising:
    """Scores the maps of those images that have boxes."""

    classifier: Classifier
    options: Options
    folder: Path
    cases: list[LocalisedCase] = field(default_factory=list)
    used: int = 0

    def __post_init__(self) -> None:
        self._boxes: dict[str, list[Box]] = {}
        for box in self.options.boxes:
            if box.finding in self.classifier.findings:
                self._boxes.setdefault(box.image, []).append(box)

    def __call__(self, name: str, pixels: npt.NDArray[np.float32], prepared: Prepared) -> None:
        boxes = [scale_box(box, prepared.shape) for box in self._boxes.get(Path(name).name, [])]
        if not boxes:
            return
        self.used += len(boxes)
        maps = self.classifier.maps(prepared)
        for finding in dict.fromkeys(box.finding for box in boxes):
            of_it = [box for box in boxes if box.finding == finding]
            heat = maps[self.classifier.findings.index(finding)]
            self.cases.append(localise(heat, of_it, prepared.shape, tolerance=self.options.tolerance))
            if len(self.cases) <= self.options.pictures:
                path = self.folder / f"{Path(name).stem}_{finding}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                save_overlay(outlined(pixels, of_it), heat, path, title=f"{finding}, logit; box: the truth")


def run(
    classifier: Classifier,
    files: ReadAhead,
    items: Sequence[Item],
    output: Path,
    options: Options,
    report: Callable[[int], None] = lambda count: None,
) -> Outcome:
    """Write ``findings.csv``, and where there is a truth, ``test_metrics.json`` and ``localisation.json``.

    Args:
        classifier: What tells.
        files: Reads them.
        items: Of its reader.
        output: Folder for the results.
        options: How.
        report: Told after each batch how many images were done.

    Raises:
        DataError: An item's source names what is no finding; names the image.
    """
    truths = {  # before any image is read: a table that cannot be used costs nothing
        str(item["image"]): findings_of(item, classifier.findings) for item in items if item.get("findings")
    }
    localising = _Localising(classifier, options, output / MAPS)
    names = _names(items)
    told: list[Told] = []
    pairs = zip(items, files.read(str(item["image"]) for item in items), strict=True)
    while batch := list(islice(pairs, options.batch_size)):
        told += _batch(batch, names, truths, classifier, localising)
        report(len(batch))
    write_table(told, classifier.findings, output / TABLE)
    scores = _scores(told, classifier, output, options)
    summary = summarise(localising.cases) if localising.cases else []
    if summary:
        _write_localisation(localising.cases, summary, output)
    return Outcome(told, scores, summary, len(options.boxes) - localising.used)


def outlined(pixels: npt.NDArray[np.float32], boxes: Sequence[Box]) -> npt.NDArray[np.float32]:
    """A copy of (H, W) pixels with boxes drawn in white."""
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    width = max(1, max(pixels.shape) // 256)
    for box in boxes:
        draw.rectangle((box.x, box.y, box.x + box.width, box.y + box.height), outline=1.0, width=width)
    return np.asarray(picture, np.float32)


def write_table(told: Sequence[Told], names: Sequence[str], path: Path) -> None:
    """Write a row an image: probabilities, and ``<finding>_truth`` where the source tells."""
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image", "status", "reason", *names, *(f"{name}{TRUTH}" for name in names)])
        for each in told:
            given = each.probabilities
            numbers = [""] * len(names) if given is None else [f"{value:.6f}" for value in given]
            truth = [""] * len(names) if each.truth is None else [int(value) for value in each.truth]
            writer.writerow([each.image, "failed" if given is None else "ok", each.reason, *numbers, *truth])


def _names(items: Sequence[Item]) -> Mapping[str, str]:
    """Path of an image -> what the table calls it: its path below what is common to all."""
    paths = [Path(str(item["image"])) for item in items]
    files = [path.name for path in paths]
    unique = len(set(files)) == len(files)
    return {str(path): path.name if unique else path.as_posix() for path in paths}


def _batch(
    pairs: Sequence[tuple[Item, Read]],
    names: Mapping[str, str],
    truths: Mapping[str, npt.NDArray[np.float32]],
    classifier: Classifier,
    localising: _Localising,
) -> Iterator[Told]:
    ready: list[Prepared] = []
    for _, read in pairs:
        if read.radiograph is not None:
            ready.append(classifier.prepare(read.radiograph, read.path))
    rows = iter(classifier.probabilities(ready)) if ready else iter(())
    prepared = iter(ready)
    for item, read in pairs:
        name, patient = names[str(item["image"])], str(item.get("patient", item["image"]))
        truth = truths.get(str(item["image"]))
        if read.radiograph is None:
            assert read.error is not None
            logger.warning("%s", read.error)
            yield Told(name, patient, None, truth, reason(read.error))
        else:
            localising(name, read.radiograph.pixels, next(prepared))
            yield Told(name, patient, next(rows), truth)


def _scores(
    told: Sequence[Told], classifier: Classifier, output: Path, options: Options
) -> list[FindingScore]:
    some = [
        (each.probabilities, each.truth, each.patient)
        for each in told
        if each.probabilities is not None and each.truth is not None
    ]
    if not some:
        return []
    probabilities, labels, patients = zip(*some, strict=True)
    scores = score_findings(
        np.stack(probabilities), np.stack(labels), patients, classifier.findings, seed=options.seed
    )
    about = {"truth": "findings in the data set's table", "failed_images": str(len(told) - len(some))}
    write_metrics(scores, about, output / METRICS)
    return scores


def _write_localisation(
    cases: Sequence[LocalisedCase], summary: Sequence[LocalisationScores], output: Path
) -> None:
    with replacing(output / LOCALISATION) as part:
        part.write_text(json.dumps([asdict(each) for each in summary], indent=2) + "\n", encoding="utf-8")
    with replacing(output / CASES) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image", "finding", "contrast", "pointing", "chance", "best_iou", "best_iobb"])
        for case in cases:
            best = [f"{max(values, default=0.0):.4f}" for values in (case.ious, case.iobbs)]
            row = [case.image, case.finding, int(case.contrast), int(case.pointing), f"{case.chance:.4f}"]
            writer.writerow([*row, *best])
