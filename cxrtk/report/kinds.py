"""Kinds of output folders that have a report, and their identification."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cxrtk.data.atomic import replacing
from cxrtk.errors import ConfigError
from cxrtk.report import evaluated, formats, run, segmented
from cxrtk.report.document import Document
from cxrtk.report.segmented import Options

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Kind:
    """A kind of output folder.

    Attributes:
        name: Description of the folder: the command that wrote it and the file that identifies it.
        is_it: Whether a folder is of this kind.
        build: Function of the folder, the options and a progress callback; it returns HTML, or a document
            that supports other formats too.
    """

    name: str
    is_it: Callable[[Path], bool]
    build: Callable[[Path, Options, Progress], str | Document]

    def write(
        self,
        folder: Path,
        target: Path,
        options: Options,
        wanted: tuple[str, ...],
        figures: Path | None,
        report: Progress,
    ) -> list[Path]:
        """Write the report in the requested formats.

        Args:
            folder: Folder of this kind.
            target: Path of the page; other files are named after it.
            options: Options of the page.
            wanted: Formats, a subset of `formats.FORMATS`.
            figures: Folder for all figures as SVG and PNG.
            report: Called with the number of images done and their total.

        Raises:
            ConfigError: This kind of folder does not support a format or has no figures.
        """
        built = self.build(folder, options, report)
        if isinstance(built, Document):
            written = formats.write(built, target, wanted)
            return written + (formats.write_figures(built, figures) if figures is not None else [])
        if wanted != ("html",) or figures is not None:
            raise ConfigError(
                f"{folder}: of {self.name} there is only a page, without figures: --format html."
            )
        with replacing(target) as part:
            part.write_text(built, encoding="utf-8", newline="\n")
        return [target]


KINDS = (
    Kind("the output of cxrtk segment (manifest.jsonl)", segmented.is_segmented, segmented.build),
    Kind("the output of cxrtk evaluate (evaluation.json)", evaluated.is_evaluation, evaluated.build),
    Kind("a run of cxrtk train (run.json)", run.is_run, run.build),
)


def check_compare(kind: Kind, folder: Path, compare: Path | None) -> None:
    """Check that a folder can be compared with another one.

    Raises:
        ConfigError: There is another folder, but this one is not an output of `cxrtk segment`.
    """
    if compare is not None and kind.build is not segmented.build:
        raise ConfigError(
            f"{folder}: --compare is for outputs of cxrtk segment; evaluations are compared by "
            "cxrtk evaluate --compare."
        )


def kind_of(folder: Path) -> Kind:
    """Identify the kind of a folder.

    Raises:
        ConfigError: The folder does not exist, or is of no kind that has a report.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder.")
    for kind in KINDS:
        if kind.is_it(folder):
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise ConfigError(f"{folder}: not a folder that a report can be made of; the choices are: {known}.")
