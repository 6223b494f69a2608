"""Reader of a data set in the unchanged layout of nnU-Net (version 2 or 1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from cxrtk import DataError, labels, pixels, readers

CHANNEL = "_0000"
_LAYOUT = "expected dataset.json, imagesTr/<case>_0000.png (or .nii.gz, .tif) and labelsTr/<case>.png"


@readers.register("nnunet")
class NnUnet(labels.FolderReader):
    """Reader of ``imagesTr/<case>_0000.*`` with ``labelsTr/<case>.*``, named classes in ``dataset.json``.

    Each label file is a class map. Label names of a lung or the heart, in various spellings, become
    ``right_lung``, ``left_lung``, ``lungs`` and ``heart``; other names are kept. Each case counts as its own
    patient, unless `table` states the patient; the ``stem`` of an item is its case.

    Args:
        root: Folder with ``dataset.json``, such as ``Dataset001_Lungs``.
        part: Cases to read, ``Tr`` for the training cases or ``Ts`` for the test cases.
        names: Map from names in ``dataset.json`` to classes, to override their interpretation.
        truth: Origin of the labels: ``human``, ``generated``, ``model`` or ``exact``.
        heart: Heart convention of the lungs; ``None`` means ``excluded`` if the heart is a class,
            otherwise ``unknown``.
        table: Table of the cases below `root`.
        delimiter: Character that separates the cells of `table`.
        key: Column of `table` that names the case; by default the first that names every case.
        patient: Column of `table` with the patient; by default ``patient`` if it exists.

    Raises:
        DataError: There is no case, ``dataset.json`` names no labels, there are several
            channels, or no case has a label.
    """

    def __init__(
        self,
        root: str | Path,
        part: str = "Tr",
        names: Mapping[str, str] | None = None,
        truth: str = "human",
        heart: str | None = None,
        table: str | None = None,
        delimiter: str = ",",
        key: str | None = None,
        patient: str | None = None,
    ) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise DataError(f"{self.root.resolve()}: no such folder; check root.")
        images = _cases(self.root / f"images{part}")
        classes = _classes(self.root / "dataset.json", names)
        rows: dict[str, dict[str, str]] = {}
        if table is not None:
            rows, _ = labels.read_cases(
                self.root / table, images, delimiter=delimiter, key=key, patient=patient
            )
        maps = None
        if (self.root / f"labels{part}").is_dir():
            maps = pixels.LabelFiles(
                self.root,
                images,
                truth=truth,
                heart=heart,
                classes=classes,
                masks=f"labels{part}",
                maps=True,
            )
        super().__init__(images, rows, maps)


def _cases(folder: Path) -> dict[str, str]:
    """Map cases to images; an image of a second channel is an error."""
    if not folder.is_dir():
        raise DataError(f"{folder.resolve()}: no such folder; {_LAYOUT}.")
    cases: dict[str, str] = {}
    for stem, path in pixels.list_images(folder).items():
        if not stem.endswith(CHANNEL):
            raise DataError(f"{path}: has no {CHANNEL} before its suffix, or is a second channel; {_LAYOUT}.")
        cases[stem.removesuffix(CHANNEL)] = path
    if not cases:
        raise DataError(f"No images in {folder.resolve()}; {_LAYOUT}.")
    return cases


def _classes(path: Path, names: Mapping[str, str] | None) -> dict[int, str]:
    """Map numbers to classes: version 2 writes ``{"lung": 1}``, version 1 ``{"1": "lung"}``."""
    try:
        stated = json.loads(path.read_text(encoding="utf-8-sig"))["labels"]
        pairs = [
            (int(key), value) if isinstance(value, str) else (int(value), key)
            for key, value in stated.items()
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError(
            f"{path}: names no labels ({type(error).__name__}); it holds such as "
            '{"labels": {"background": 0, "right lung": 1, "left lung": 2}}, one number each.'
        ) from error
    return {number: labels.class_of(str(name), names) for number, name in sorted(pairs) if number != 0}
