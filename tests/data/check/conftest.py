"""A clean data set to spoil, and a survey in this process."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from cxrtk import Reader, phantom, readers
from cxrtk.data.check.check import check
from cxrtk.data.check.examine import examine
from cxrtk.data.check.report import Report


class Here:
    """A survey without processes."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def examine(self, items, labelled):
        for item, has_label in zip(items, labelled, strict=True):
            yield examine(self.reader, item, labels=has_label)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory) -> Path:
    """Eight phantoms of six patients, 128 x 128."""
    return phantom.write_nih(tmp_path_factory.mktemp("drawn") / "set", 8, size=128)


@pytest.fixture
def clean(drawn, tmp_path) -> Path:
    """Them in the layout of image_mask_folder, with a manifest, and nothing wrong."""
    root = tmp_path / "clean"
    for name in ("images", "masks"):
        (root / name).mkdir(parents=True)
        for file in (drawn / name).iterdir():
            (root / name / file.name).write_bytes(file.read_bytes())
    write_manifest(root, {path.stem: path.stem.partition("_")[0] for path in (root / "images").iterdir()})
    return root


def write_manifest(root: Path, patient_of: dict[str, str]) -> None:
    with (root / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("stem", "patient"), *sorted(patient_of.items())])


@pytest.fixture
def checked() -> Callable[..., Report]:
    """``checked(root, reader, **arguments of check)`` in this process."""

    def run(root: Path, reader: Reader | None = None, **more) -> Report:
        reader = reader or readers.create("image_mask_folder", root=root)
        return check(Here(reader), root, reader_name="image_mask_folder", **more)

    return run
