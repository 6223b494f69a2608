"""DICOM files -> PNG or NIfTI, one or a folder of them: the work of `cxrtk convert`."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path, PurePath

from cxrtk.api import Radiograph
from cxrtk.data.atomic import replacing
from cxrtk.data.outputs import check_output_dir
from cxrtk.data.pixels.dicom import is_dicom, read_dicom
from cxrtk.data.pixels.listing import stem_of, walk_files
from cxrtk.data.pixels.save import save
from cxrtk.errors import ConfigError, CxrReadError, DataError

TABLE = "converted.csv"
# Of a folder these are no faults: what was not asked for is not there.
LEFT_OUT = ("modality", "no_image", "not_dicom", "flagged")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """One file to convert: what to read, its path below the input folder, and what to write."""

    source: Path
    name: str
    target: Path


@dataclass(frozen=True)
class Options:
    """How to read and write; see `cxrtk.pixels.read_dicom` and `save`."""

    bits: int = 16
    voi: str = "auto"
    modalities: Sequence[str] | None = ("CR", "DX")
    refuse: Sequence[str] = ("burned_in",)


@dataclass(frozen=True)
class Row:
    """One line of the table: where the pixels are, and each decision that made them.

    Attributes:
        image: Path below the input folder.
        output: Path below the output folder.
        width: Pixels.
        height: Pixels.
        bits: Of the output.
        spacing_row_mm: Distance of two rows; blank where it is unknown.
        spacing_column_mm: Distance of two columns.
        spacing_source: See `cxrtk.Radiograph`.
        modality_lut: As `Radiograph.meta` says it.
        voi: As `Radiograph.meta` says it.
        polarity: As `Radiograph.meta` says it.
        flags: Names, with spaces between.
        status: ``ok``, ``left out`` (not asked for) or ``failed``.
        code: Why it failed; see `cxrtk.errors.READ_CODES`.
        reason: The same in words; no header values.
    """

    image: str
    output: str = ""
    width: int | None = None
    height: int | None = None
    bits: int | None = None
    spacing_row_mm: float | None = None
    spacing_column_mm: float | None = None
    spacing_source: str | None = None
    modality_lut: str = ""
    voi: str = ""
    polarity: str = ""
    flags: str = ""
    status: str = "ok"
    code: str = ""
    reason: str = ""


def plan(folder: Path, output_dir: Path, suffix: str) -> list[Task]:
    """One task for each DICOM file below `folder`, in mirrored folders, no two with one output.

    Raises:
        ConfigError: `output_dir` lies inside `folder`, or an output is an input.
        DataError: There is no such folder, no DICOM file in it, or two would share an output.
    """
    if not folder.is_dir():
        raise DataError(f"{folder.resolve()}: no such folder; check the path.")
    check_output_dir(output_dir, folder)
    files = [path for path in walk_files(folder) if _is_task(path)]
    if not files:
        raise DataError(f"No DICOM file in {folder.resolve()}.")
    names = [path.relative_to(folder) for path in files]
    targets = [output_dir / name for name in output_names(names, suffix)]
    inputs = {path.resolve() for path in files}
    for target in targets:
        if target.resolve() in inputs:
            raise ConfigError(f"{target}: is an input, and would be overwritten; name another output folder.")
    return [
        Task(source, name.as_posix(), target)
        for source, name, target in zip(files, names, targets, strict=True)
    ]


def output_names(names: Sequence[PurePath], suffix: str) -> list[PurePath]:
    """Each name with `suffix` for its own; those that would then be equal keep theirs too.

    Raises:
        DataError: Two are equal even so.

    >>> [str(name) for name in output_names([PurePath("a.dcm"), PurePath("a"), PurePath("1.2.3")], ".png")]
    ['a.dcm.png', 'a.png', '1.2.3.png']
    """
    short = [name.with_name(stem_of(name.name) + suffix) for name in names]
    count: dict[str, int] = {}
    for name in short:
        count[_key(name)] = count.get(_key(name), 0) + 1
    chosen: dict[str, PurePath] = {}
    outputs = []
    for name, brief in zip(names, short, strict=True):
        output = brief if count[_key(brief)] == 1 else name.with_name(name.name + suffix)
        other = chosen.setdefault(_key(output), name)
        if other is not name:
            raise DataError(f"{other} and {name} would share one output file; rename one of them.")
        outputs.append(output)
    return outputs


def convert(source: Path, target: Path, options: Options) -> Radiograph:
    """Read one file and write it; gives what was written.

    Raises:
        ConfigError: Input and output are one file, or the output's suffix is none of ours.
        CxrReadError: The file cannot be read, or has a flag that is refused.
    """
    if target.is_dir():
        raise ConfigError(f"{target}: is a folder; name a file.")
    if target.exists() and source.exists() and target.samefile(source):
        raise ConfigError(f"{target}: is the input, and would be overwritten; name another output.")
    radiograph = read_dicom(source, modalities=options.modalities, voi=options.voi, refuse=options.refuse)
    save(radiograph, target, bits=options.bits)
    return radiograph


def run(task: Task, options: Options, output_dir: Path) -> Row:
    """Convert one file of many; one that cannot be read gives a row that says so, and a line in the log."""
    try:
        radiograph = convert(task.source, task.target, options)
    except CxrReadError as error:
        left_out = error.code in LEFT_OUT
        logger.log(logging.INFO if left_out else logging.WARNING, "%s", error)
        attribute = f" [{error.tag.partition('=')[0].strip()}]" if error.tag else ""
        status = "left out" if left_out else "failed"
        return Row(task.name, status=status, code=error.code, reason=f"{error.what}{attribute}")
    meta = radiograph.meta
    row, column = radiograph.spacing_mm or (None, None)
    return Row(
        image=task.name,
        output=task.target.relative_to(output_dir).as_posix(),
        width=radiograph.pixels.shape[1],
        height=radiograph.pixels.shape[0],
        bits=options.bits,
        spacing_row_mm=row,
        spacing_column_mm=column,
        spacing_source=radiograph.spacing_source,
        modality_lut=meta["modality_lut"],
        voi=meta["voi"],
        polarity=meta["polarity"],
        flags=" ".join(meta["flags"]),
    )


def write_table(rows: Iterable[Row], path: Path) -> None:
    """Write the rows as CSV; what is ``None`` is left blank."""
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def _is_task(path: Path) -> bool:
    """DICOM by content; what cannot be looked at becomes a task too, and fails with its reason."""
    try:
        return is_dicom(path)
    except CxrReadError:
        return True


def _key(path: PurePath) -> str:
    """Equal for names that a file system without case takes for one."""
    return path.as_posix().casefold()
