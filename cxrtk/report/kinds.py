"""Which folder is which: the kinds of output that have a page."""

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
    """One kind of folder.

    Attributes:
        name: What wrote it, and how it is known, in words.
        is_it: Whether a folder is of this kind.
        build: Folder, options and a function for the progress -> HTML, or a document, which has other
            formats too.
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
        """Write what was asked for.

        Args:
            folder: Of this kind.
            target: The page; other formats take its name.
            options: What is shown.
            wanted: Some of `formats.FORMATS`.
            figures: Folder for all figures as SVG and PNG.
            report: Told how many images are done, and of how many.

        Raises:
            ConfigError: This kind has no such format, or no figures.
        """
        built = self.build(folder, options, report)
        if isinstance(built, Document):
            written = formats.write(built, target, wanted)
            return written + (formats.write_figures(built, figures) if figures is not None else [])
        if wanted != ("html",) or figures is not None:
            raise ConfigError(
                f"{folder}: of {self.name} there is a page alone, without figures: --format html."
            )
        with replacing(target) as part:
            part.write_text(built, encoding="utf-8", newline="\n")
        return [target]


KINDS = (
    Kind("the output of cxrtk segment (manifest.jsonl)", segmented.is_segmented, segmented.build),
    Kind("the output of cxrtk evaluate (evaluation.json)", evaluated.is_evaluation, evaluated.build),
    Kind("a run of cxrtk train (run.json)", run.is_run, run.build),
)


def kind_of(folder: Path) -> Kind:
    """The kind of a folder.

    Raises:
        ConfigError: There is no such folder, or it is of no kind that has a page.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder.")
    for kind in KINDS:
        if kind.is_it(folder):
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise ConfigError(f"{folder}: no folder that a report can be made of; known are: {known}.")
