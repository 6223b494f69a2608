"""Step that converts DICOM radiographs to PNG or NIfTI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from cxrtk.api import Job, Outcome, Step
from cxrtk.data.pixels.listing import stem_of
from cxrtk.data.pixels.save import save
from cxrtk.data.table import write_table
from cxrtk.errors import ConfigError

TABLE = "converted.csv"
FORMATS = ("png", "nii", "nii.gz")
DECISIONS = ("modality_lut", "voi", "polarity")  # keys of `Radiograph.meta`
COLUMNS = (
    "image",
    "output",
    "width",
    "height",
    "bits",
    "spacing_row_mm",
    "spacing_column_mm",
    "spacing_source",
    *DECISIONS,
    "flags",
    "status",
    "code",
    "reason",
)


class ConvertStep(Step):
    """Step that writes ``<stem>.png``, ``.nii`` or ``.nii.gz``, and all pixel decisions to ``converted.csv``.

    Args:
        form: ``png``, ``nii`` or ``nii.gz``.
        bits: Bits per pixel, 8 or 16.

    Raises:
        ConfigError: The format or the number of bits is not supported.
    """

    def __init__(self, form: str = "png", bits: int = 16) -> None:
        if form not in FORMATS:
            raise ConfigError(f"--format must be png, nii or nii.gz, not {form!r}.")
        if bits not in (8, 16):
            raise ConfigError(f"--bits must be 8 or 16, not {bits}.")
        self.form = form
        self.bits = bits

    def settings(self) -> Mapping[str, Any]:
        """Return the format and the number of bits."""
        return {"format": self.form, "bits": self.bits}

    def stem_of(self, path: PurePath) -> PurePath:
        """Return the output stem of a path; the last number of a UID used as file name is no suffix."""
        return path.with_name(stem_of(path.name))

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        """Write one file per radiograph."""
        return [self._one(job) for job in batch]

    def _one(self, job: Job) -> Outcome:
        radiograph = job.radiograph
        target = job.stem.with_name(f"{job.stem.name}.{self.form}")
        save(radiograph, target, bits=self.bits)
        meta = radiograph.meta
        row, column = radiograph.spacing_mm or (None, None)
        numbers = {
            "width": radiograph.pixels.shape[1],
            "height": radiograph.pixels.shape[0],
            "bits": self.bits,
            "spacing_row_mm": row,
            "spacing_column_mm": column,
            "spacing_source": radiograph.spacing_source,
            **{name: meta.get(name, "") for name in DECISIONS},
        }
        return Outcome("ok", numbers, [target])

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        """Write the table, including the files that were left out."""
        return [write_table(output_dir / TABLE, _lines(rows), COLUMNS)]


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        output = next(iter(row["outputs"]), "")
        yield {**row, "image": row["input"], "output": output, "status": row["status"].replace("_", " ")}
