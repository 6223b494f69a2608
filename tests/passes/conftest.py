"""A mixed folder, and a step that is simple enough to know its outputs by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cxrtk.api import Job, Outcome, Step
from cxrtk.passes import Options, inputs_of, read_ahead, run, write_table


class Labelled(Step):
    """Writes the text of the file beside each radiograph, ``<name>.note``, into its row."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def further_inputs(self, item: Mapping[str, Any], name: str, labels: Sequence[str]) -> Sequence[str]:
        return [f"{item['image']}.note"]

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        self.seen += [job.name for job in batch]
        return [Outcome("ok", {"note": self._note(Path(f"{job.item['image']}.note"))}) for job in batch]

    def _note(self, path: Path) -> str:
        return path.read_text() if path.exists() else ""


class Brightness(Step):
    """Writes the rounded mean of each radiograph into ``<stem>.txt``, and ``means.csv`` of all.

    A radiograph brighter than `most` fails, with its file written all the same.
    """

    endings = ("_note",)

    def __init__(self, most: float = 1.0, digits: int = 3) -> None:
        self.most = most
        self.digits = digits
        self.seen: list[list[str]] = []

    def settings(self) -> Mapping[str, Any]:
        return {"model": {"name": "none"}, "digits": self.digits}

    def __call__(self, batch: Sequence[Job]) -> Sequence[Outcome]:
        self.seen.append([job.name for job in batch])
        return [self._one(job) for job in batch]

    def _one(self, job: Job) -> Outcome:
        mean = round(float(job.radiograph.pixels.mean()), self.digits)
        path = job.stem.with_name(f"{job.stem.name}.txt")
        path.write_text(f"{mean}\n")
        if mean > self.most:
            return Outcome("failed", {"mean": mean}, [path], "bright", "is too bright")
        return Outcome("ok", {"mean": mean}, [path])

    def finish(self, rows: Iterable[Mapping[str, Any]], output_dir: Path) -> list[Path]:
        lines = ({key: row.get(key) for key in ("input", "status", "mean")} for row in rows)
        return [write_table(output_dir / "means.csv", lines, ("input", "status", "mean"))]


def picture(path: Path, level: int) -> None:
    """A PNG of 20 x 16 pixels of one level but for a ramp in its first row."""
    pixels = np.full((16, 20), level, np.uint8)
    pixels[0] = np.arange(20)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, format="PNG")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures in nested folders, a damaged one, a text without a suffix, a text by its name."""
    root = tmp_path / "in"
    for level, name in enumerate(("a/0.png", "a/1.png", "b c/ü.png", "b c/d/3.png", "4.png", "5.png"), 1):
        picture(root / name, 10 * level)
    whole = (root / "a" / "0.png").read_bytes()
    (root / "cut.png").write_bytes(whole[: len(whole) // 2])
    (root / "README").write_text("no image at all")
    (root / "notes.txt").write_text("no image, by its name")
    return root


@pytest.fixture
def go():
    """``go(inputs, output, step=..., **options)`` runs a pass."""

    def go(inputs: Any, output: Path, step: Step | None = None, workers: int = 1, **options: Any) -> Any:
        words = [str(inputs)] if isinstance(inputs, (str, Path)) else [str(each) for each in inputs]
        sources = [(each, read_ahead(each.root, workers=workers)) for each in inputs_of(words)]
        about = {key: options.pop(key) for key in ("begin", "report") if key in options}
        return run(step or Brightness(), sources, output, Options(**{"batch_size": 2, **options}), **about)

    return go


@pytest.fixture
def content():
    """``content(folder)``: path -> bytes of every file."""

    def content(root: Path) -> dict[str, bytes]:
        paths = (path for path in sorted(root.rglob("*")) if path.is_file())
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}

    return content


@pytest.fixture
def copied(tmp_path: Path):
    """``copied(folder)`` is a copy of a folder under another name."""

    def copied(root: Path, name: str = "copy") -> Path:
        return Path(shutil.copytree(root, tmp_path / name))

    return copied
