"""End-to-end check of a data set, behind `cxrtk check`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk.api import Reader
from cxrtk.classes import lung_indices
from cxrtk.data.atomic import replacing, write_json
from cxrtk.data.check.conventions import convention_issues
from cxrtk.data.check.copies import copy_issues
from cxrtk.data.check.examine import Examined
from cxrtk.data.check.issue import Issue
from cxrtk.data.check.layouts import layouts
from cxrtk.data.check.leaks import Patients, leak_issues, pair_issues
from cxrtk.data.check.misfits import habits
from cxrtk.data.check.naming import Names
from cxrtk.data.check.report import Report, ordered, suspicious
from cxrtk.data.check.sheet import contact_sheet
from cxrtk.data.check.summary import summary
from cxrtk.data.check.survey import Survey
from cxrtk.data.check.unlisted import unlisted, unlisted_issues
from cxrtk.errors import ConfigError

Item = Mapping[str, Any]
Progress = Callable[[Iterable[Examined], int], Iterable[Examined]]


def check(
    survey: Survey,
    root: Path,
    *,
    reader_name: str,
    split: Callable[[Sequence[Item]], Mapping[str, Sequence[Item]]] | None = None,
    columns: Sequence[str] = (),
    accepted: frozenset[str] = frozenset(),
    show_ids: bool = False,
    output_dir: Path | None = None,
    progress: Progress = lambda examined, _total: examined,
) -> Report:
    """Check every image and label of a reader, and the set as a whole.

    Keeps about 3 kB per image, never its pixels.

    Args:
        survey: Pool of worker processes that examine the images.
        root: Folder of the data set; files in it that the reader does not use are examined too.
        reader_name: Name of the reader, for the report.
        split: Function of items -> {part: items}, if a split is to be checked.
        columns: Additional columns to count.
        accepted: Codes to report as notes.
        show_ids: Show the patients' own keys instead of hashes.
        output_dir: Folder for ``check.json`` and, where images are flagged, ``suspicious.png``.
        progress: Progress display.

    Raises:
        ConfigError: No image has one of the columns.
        DataError: The reader refuses the data set, or the split does not belong to it.
        StorageError: The disk is full.
    """
    reader = survey.reader
    items = reader.items()
    _check_columns(items, columns)
    names = Names(root)
    parts = split(items) if split is not None else {}
    patients = Patients(root.resolve().name, show=show_ids)
    issues, labelled = pair_issues(reader, items, names)
    if root.is_dir() and any(issue.code == "no_masks" for issue in issues):
        issues += (Issue("masks_not_read", detail=f"{there.what}; {there.cure}") for there in layouts(root))
    issues += leak_issues(parts, names, patients)
    examined = list(progress(survey.examine(items, labelled), len(items)))
    labels, others = unlisted(reader, items, root)
    issues += (Issue("image_missing", (names.of(path),)) for path in labels)
    issues += unlisted_issues(reader, others, names)
    called = [names.of(item["image"]) for item in items]
    for name, seen in zip(called, examined, strict=True):
        issues += (Issue(code, (name,), names.within(detail), reason) for code, detail, reason in seen.found)
    issues += _without_lungs(called, examined)
    issues += _about_all(examined)
    part_of = {str(item["image"]): part for part, held in parts.items() for item in held}
    issues += copy_issues(items, [seen.imprint for seen in examined], called, part_of)
    report = Report(reader_name, ordered(issues), summary(items, examined, parts, columns), accepted)
    if output_dir is not None:
        _write(report, reader, dict(zip(called, items, strict=True)), output_dir)
    return report


def _without_lungs(names: Sequence[str], examined: Sequence[Examined]) -> Iterator[Issue]:
    """Yield issues for labels without lungs if others have lungs; a set without any has its own note."""
    if any(lung_indices(seen.classes) for seen in examined):
        for name, seen in zip(names, examined, strict=True):
            if seen.truth is not None and not lung_indices(seen.classes):
                detail = f"a label of {', '.join(seen.classes)} holds no lungs"
                yield Issue("mask_unreadable", (name,), detail, "label")


def _about_all(examined: Sequence[Examined]) -> Iterator[Issue]:
    """Yield the issues that concern all labels together."""
    labels = [seen for seen in examined if seen.truth is not None]
    if not labels:
        return
    shares = [seen.lung_share for seen in labels]
    if all(not lung_indices(seen.classes) for seen in labels):
        classes = sorted({name for seen in labels for name in seen.classes})
        yield Issue("no_lungs", detail=f"they are of {', '.join(classes)}")
        return
    if len(labels) > 1 and all(share == 0.0 for share in shares):
        yield Issue("masks_all_empty")
    if len(labels) > 1 and all(share == 1.0 for share in shares):
        yield Issue("masks_all_full")
    yield from convention_issues(labels)
    yield from habits([seen.agreements for seen in labels])


def _write(report: Report, reader: Reader, item_of: Mapping[str, Item], folder: Path) -> None:
    write_json(folder / "check.json", report.as_json())
    sheet = contact_sheet(reader, suspicious(report), item_of)
    target = folder / "suspicious.png"
    if sheet is None:
        target.unlink(missing_ok=True)  # left by an earlier check
        return
    with replacing(target) as part:
        sheet.save(part)


def _check_columns(items: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    known = sorted({str(column) for item in items for column in item} - {"image"})
    for column in columns:
        if column not in known:
            raise ConfigError(f"No image has a column {column!r}. Available: {', '.join(known)}.")
