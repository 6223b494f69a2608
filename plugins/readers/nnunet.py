"""Reader of a data set in the layout of nnU-Net (version 2 or 1), as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrtk import DataError, Label, Radiograph, Reader, labels, pixels, readers

CHANNEL = "_0000"
_LAYOUT = "expected dataset.json, imagesTr/<case>_0000.png (or .nii.gz, .tif) and labelsTr/<case>.png"


@readers.register("nnunet")
class NnUnet(Reader):
    """Reads ``imagesTr/<case>_0000.*`` with ``labelsTr/<case>.*``, and the class names in ``dataset.json``.

    Each label file is a class map. Names of labels that are those of a lung or of the heart in some spelling
    become ``right_lung``, ``left_lung``, ``lungs`` and ``heart``; others are kept. Each case counts as a
    patient of its own, unless `table` says otherwise.

    Args:
        root: Folder with ``dataset.json``, such as ``Dataset001_Lungs``.
        part: ``Tr`` for the training cases, ``Ts`` for those of the test.
        names: Classes of the names in ``dataset.json`` that are to be taken otherwise.
        truth: Origin of the labels: ``human``, ``generated``, ``model`` or ``exact``.
        heart: Heart convention of the lungs; ``None`` is ``excluded`` where the heart is a class, else
            ``unknown``.
        table: Table of the cases below `root`.
        delimiter: Character between the cells of `table`.
        key: Column of `table` that names the case; by default the first that names every one.
        patient: Column of `table` with the patient; by default ``patient`` where there is one.

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
        self._images = _cases(self.root / f"images{part}")
        classes = _classes(self.root / "dataset.json", names)
        self._rows: dict[str, dict[str, str]] = {}
        if table is not None:
            self._rows, _ = labels.read_cases(
                self.root / table, self._images, delimiter=delimiter, key=key, patient=patient
            )
        self._labels = None
        if (self.root / f"labels{part}").is_dir():
            self._labels = pixels.LabelFiles(
                self.root,
                self._images,
                truth=truth,
                heart=heart,
                classes=classes,
                masks=f"labels{part}",
                maps=True,
            )
        self._stems = {path: stem for stem, path in self._images.items()}

    def items(self) -> list[dict[str, Any]]:
        """List dicts sorted by case: ``image``, ``patient``, ``stem`` (the case) and the table's columns."""
        return [
            {"image": path, "patient": stem, "stem": stem, **self._rows.get(stem, {})}
            for stem, path in self._images.items()
        ]

    def read(self, path: str | Path) -> Radiograph:
        """Read an image of any supported format; see `cxrtk.pixels.read`."""
        return pixels.read(path)

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the class map of a case; ``None`` where there is none."""
        return self._labels.read(self._stem(item), item["image"]) if self._labels else None

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Whether there is a class map of the case; no file is opened."""
        return self._labels is not None and self._labels.has(self._stem(item))

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Paths of the image and of its class map."""
        return [str(item["image"]), *(self._labels.files(self._stem(item)) if self._labels else ())]

    def _stem(self, item: Mapping[str, Any]) -> str:
        return self._stems.get(str(item["image"]), "")


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
