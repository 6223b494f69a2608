"""Report of a training run: losses, configuration, test results and test images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk.inference.scoring import evaluate_run
from cxrtk.report import evaluated, origin, tested_findings, tested_run
from cxrtk.report.document import Count, Document, Section, Table
from cxrtk.report.evaluated_tables import NAMES, name_of
from cxrtk.report.figures import losses, ranked, snapshots
from cxrtk.report.figures.canvas import Drawn
from cxrtk.report.json_file import read_object
from cxrtk.report.run_evaluated import with_evaluation
from cxrtk.report.segmented import Options
from cxrtk.report.table import Cell, Column, Row, number_cell
from cxrtk.report.tested_run import Tested
from cxrtk.report.words import Fact, printable
from cxrtk.training import metrics_log, record

SPLITS = "splits.json"
PARTS = ("train", "validation", "test")
COMPLETE = "complete"
MEANINGS = (
    Fact("Loss", "The quantity that the training minimises; its terms are in the config of the run."),
    Fact(
        "Validation", "On images that were not used for training, but for selecting the epoch that was kept."
    ),
    Fact("Test", "On images that were used once, after training, with the weights that were kept."),
    Fact("Dice, IoU", "Overlap of two masks: 2 |A and B| / (|A| + |B|), and |A and B| / |A or B|."),
)


def is_run(folder: Path) -> bool:
    """Return whether the folder is that of a run."""
    return (folder / record.FILE).is_file()


def is_complete(folder: Path) -> bool:
    """Return whether the folder is that of a completed run."""
    return is_run(folder) and record.read(folder).get("status") == COMPLETE


def build(folder: Path, options: Options, report: Callable[[int, int], None]) -> Document:
    """Build the document; the same folder always gives the same document.

    Args:
        folder: ``runs/<run>``, possibly of a run in progress. If it contains an evaluation of the test images
            (`cxrtk.inference.scoring.evaluate_run`), the document includes that evaluation.
        options: Title, notices, number of images, and the current folder of the images.
        report: Called after each image with the number of images done and their total.

    Raises:
        CxrError: A file of the run is damaged.
    """
    about = record.read(folder)
    rows = metrics_log.read(folder)
    tested = tested_run.read(folder)
    document = Document(
        title=options.title or f"Run {folder.resolve().name}",
        lead=_lead(about, tested),
        notices=[*_notices(about, rows, tested), *map(printable, options.notices)],
        counts=_counts(about, rows, tested),
        made=origin.of_run(about),
        sections=[
            Section("training", "Training", figures=list(_figures(folder, rows)), tables=_epochs(rows)),
            Section("data", "Data", tables=_split(folder)),
            *_test(folder, tested),
        ],
        meanings=MEANINGS,
    )
    evaluation = evaluate_run.kept(folder)
    if evaluation is not None:
        return with_evaluation(document, evaluated.build(evaluation, options, report))
    report(1, 1)
    return document


def _lead(about: Mapping[str, Any], tested: Tested | None) -> str:
    settings = about.get("settings") or {}
    network = settings.get("network", "A network")
    truth = settings.get("labels") or (tested.truth if tested else "")
    against = f" on {truth}" if truth else ""
    return printable(f"{network}, trained{against}; {about.get('status', 'unknown')}.")


def _notices(about: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], tested: Tested | None) -> list[str]:
    said = []
    if about.get("status") != COMPLETE:
        why = f" ({about['reason']})" if about.get("reason") else ""
        said.append(printable(f"This run is not complete: {about.get('status', 'unknown')}{why}."))
    if not losses.curves(rows, "loss"):
        said.append("The run kept no loss, so there is no curve of it.")
    if tested is None:
        said.append("There is no test of this run yet.")
    elif tested.truth.startswith("generated"):
        said.append(
            "The ground truth was made by thresholds: these numbers measure agreement with the thresholds, "
            "not with the lungs."
        )
    return said


def _counts(
    about: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], tested: Tested | None
) -> list[Count]:
    found = [
        Count(f"{int(about.get('epoch') or len(rows)):,}", "epochs", f"of {about.get('max_epochs', '?')}")
    ]
    metric, best = about.get("key_metric"), about.get("best_metric")
    if metric and best is not None:
        epoch = about.get("best_epoch")
        found.append(
            Count(f"{best:.4f}", f"{name_of(metric)}, validation", f"of the kept weights, epoch {epoch}")
        )
    if tested is not None:
        count = f"{tested.images:,} test images" if tested.images else "the test images"
        found += [
            Count(f"{value:.4f}", f"{name_of(key)}, test", f"{'' if tested.findings else 'mean '}of {count}")
            for key, value in tested.means.items()
            if not (tested.findings and key.startswith("auc_"))
        ]
    return found


def _figures(folder: Path, rows: Sequence[Mapping[str, Any]]) -> Iterator[Drawn]:
    best = losses.best_epoch(rows)
    measured = dict.fromkeys(name for row in rows for part in losses.PARTS for name in row.get(part) or {})
    order = ["loss", *(name for name in NAMES if name in measured), *measured]
    for name in dict.fromkeys(order):
        found = losses.curves(rows, name)
        if found:
            label = "Loss" if name == "loss" else name_of(name)
            yield losses.draw(found, best, name=f"epochs_{name}" if name != "loss" else name, label=label)
    pictures = snapshots.last(folder)
    if pictures:
        yield snapshots.draw(pictures)


def _epochs(rows: Sequence[Mapping[str, Any]]) -> list[Table]:
    """Make the table of the epochs, one row each."""
    measured = dict.fromkeys(
        (part, name) for row in rows for part in losses.PARTS for name in row.get(part) or {}
    )
    columns = [
        Column("Epoch", numeric=True),
        Column("Learning rate"),
        *(Column(f"{losses.CALLED[part]}, {name_of(name)}") for part, name in measured),
        Column("Kept", numeric=False),
    ]
    lines = [
        Row(
            [
                Cell(f"{row['epoch']}", row["epoch"]),
                number_cell(row.get("lr"), ".3g"),
                *(number_cell((row.get(part) or {}).get(name), ".4f") for part, name in measured),
                Cell("best so far", 1) if row.get("best") else Cell(""),
            ]
        )
        for row in rows
    ]
    return [Table("epochs", "Results for each epoch", columns, lines, folded=True)] if lines else []


def _split(folder: Path) -> list[Table]:
    """Make the table of the number of images in each part of the split."""
    path = folder / SPLITS
    if not path.is_file():
        return []
    parts = read_object(path)
    uses = ("updates the weights", "selects the epoch", "used once, after training")
    columns = [Column("Part", numeric=False), Column("Images"), Column("Purpose", numeric=False)]
    lines = [
        Row([Cell(part, part), Cell(f"{len(parts[part]):,}", len(parts[part])), Cell(use, use)])
        for part, use in zip(PARTS, uses, strict=True)
        if isinstance(parts.get(part), list)
    ]
    return [Table("split", "The split, by patient", columns, lines)]


def _test(folder: Path, tested: Tested | None) -> list[Section]:
    """Make the section of the test; empty without a test."""
    if tested is None:
        return []
    if tested.findings:
        return [tested_findings.section(folder, tested.findings, tested.truth, tested.resolution)]
    text = [
        printable(f"Against {tested.truth or 'the masks of the data set'}, at {tested.resolution}."),
        "Measured by the run itself when its training ended, on masks without post-processing.",
    ]
    figures = []
    values = tested.values.get("dice")
    if values:
        figures.append(ranked.draw({"": values}))
    return [Section("test", "Test", text, figures, tested_run.tables(tested))]
