"""Reader of the Montgomery County set of the NLM: tuberculosis screening, with one mask per lung."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxrtk import CxrReadError, DataError, Label, Radiograph, Reader, pixels, readers

DATASET = {
    "title": "Montgomery County X-ray set: 138 radiographs, 58 with signs of tuberculosis; a mask a lung",
    "home": "https://data.lhncbc.nlm.nih.gov/public/Tuberculosis-Chest-X-ray-Datasets/index.html",
    "licence": "none of the common ones; terms in the ReadMe of the download",
    "terms": (
        "research; name the source (National Library of Medicine, and the Department of Health and Human "
        "Services of Montgomery County, MD, USA) and cite both papers; read the ReadMe before passing "
        "files on"
    ),
    "citation": (
        "Jaeger S et al. IEEE TMI 2014;33:233-245, doi:10.1109/TMI.2013.2284099; "
        "Candemir S et al. IEEE TMI 2014;33:577-590, doi:10.1109/TMI.2013.2290491"
    ),
}

SPACING_MM = (0.0875, 0.0875)
SIZES = ((4892, 4020), (4020, 4892))  # (H, W) of the published files
_NAME = re.compile(r"MCUCXR_(\d{4})_([01])")
_MENTION = re.compile(r"MCUCXR_(\d{4})")
_SEX = re.compile(r"Patient.{0,3}s Sex:\s*([A-Za-z]?)\s*")
_AGE = re.compile(r"Patient.{0,3}s Age:\s*(?:(\d{1,3})([YMWD]))?\s*")
_PER_YEAR = {"Y": 1, "M": 12, "W": 52, "D": 365}

logger = logging.getLogger(__name__)


class Reading(NamedTuple):
    """Contents of one file of ``ClinicalReadings/``; unknown values are ``None``."""

    age: int | None = None
    sex: str | None = None
    reading: str | None = None


def _read_reading(path: Path) -> Reading:
    """Parse ``Patient's Sex: F``, ``Patient's Age: 027Y`` and the free text below.

    A first or second line of another form is logged as a warning, and its value is ``None``.

    Raises:
        DataError: The file cannot be read.
    """
    try:
        lines = path.read_bytes().decode("latin-1").split("\n")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; check the file.") from error
    sex = _value(path, lines, 1, _SEX, "Patient's Sex: F")
    age = _value(path, lines, 2, _AGE, "Patient's Age: 027Y")
    return Reading(
        age=int(age[1]) // _PER_YEAR[age[2]] if age and age[1] else None,
        sex=sex[1].upper() if sex and sex[1] else None,
        reading=" ".join(" ".join(lines[2:]).split()) or None,
    )


def _value(
    path: Path, lines: list[str], line: int, pattern: re.Pattern[str], example: str
) -> re.Match[str] | None:
    text = lines[line - 1].strip() if line <= len(lines) else ""
    found = pattern.fullmatch(text)
    if found is None:
        logger.warning("%s: line %d: is not like %r, and is ignored.", path, line, example)
    return found


def _patients(numbers: list[str], readings: Mapping[str, Reading]) -> dict[str, str]:
    """Map the number of each image to the lowest number among the images of the same patient.

    Some readings refer to another image ("same pt as MCUCXR_0162_1"). Each image has its own number, so these
    follow-ups would otherwise end up in different parts of a split.
    """
    patients = {number: number for number in numbers}
    for number in numbers:
        for other in _MENTION.findall(readings[number].reading or ""):
            if other in patients:
                one, least = sorted((patients[number], patients[other]), reverse=True)
                patients |= {key: least for key, value in patients.items() if value == one}
    return patients


@readers.register("montgomery")
class Montgomery(Reader):
    """Reader of ``CXR_png/``, ``ManualMask/leftMask/``, ``ManualMask/rightMask/`` and ``ClinicalReadings/``.

    The folders are in `root` or in its ``MontgomerySet/``. Left and right are determined from the position of
    the masks, not from the folder names, since descriptions differ on whether "left" is the side of the image
    or of the patient: the mask further to the left of the image is the patient's right lung.

    The publication states a pixel spacing of 0.0875 mm. It applies to files of the original size, 4020 x 4892
    or 4892 x 4020 pixels; other files have no spacing.

    Args:
        root: Folder of the data set.

    Raises:
        DataError: There is no image, a number exists twice, or a reading cannot be opened.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise DataError(f"{self.root.resolve()}: no such folder; check root.")
        folder = self.root / "MontgomerySet" if (self.root / "MontgomerySet").is_dir() else self.root
        self._images = _named(folder / "CXR_png")
        if not self._images:
            raise DataError(f"No images in {folder.resolve()}; expected CXR_png/MCUCXR_0001_0.png and so on.")
        self._masks = [_named(folder / "ManualMask" / side) for side in ("leftMask", "rightMask")]
        files = {stem: folder / "ClinicalReadings" / f"{stem}.txt" for stem in self._images}
        self._readings = {
            stem: _read_reading(file) if file.is_file() else Reading() for stem, file in files.items()
        }
        by_number = {_number(stem): reading for stem, reading in self._readings.items()}
        if len(by_number) < len(self._images):
            raise DataError(f"{folder.resolve()}: two images have the same number; remove one of them.")
        self._patients = _patients(list(by_number), by_number)
        missing = sum(not file.is_file() for file in files.values())
        labelled = sum(self.has_label({"image": path}) for path in self._images.values())
        message = "%s: %d images, %d with both masks, %d without a reading."
        logger.info(message, folder, len(files), labelled, missing)

    def items(self) -> list[dict[str, Any]]:
        """List one dict per image, sorted by number.

        Keys are ``image``; ``patient``, four digits, shared by images with readings that refer to each other;
        ``tuberculosis``, the last digit of the name; ``age`` in whole years; ``sex`` (M, F or O, as written);
        ``reading``, free text.
        """
        return [
            {
                "image": path,
                "patient": self._patients[_number(stem)],
                "tuberculosis": stem.endswith("1"),
                **self._readings[stem]._asdict(),
            }
            for stem, path in self._images.items()
        ]

    def read(self, path: str | Path) -> Radiograph:
        """Read one image."""
        radiograph = pixels.read_png(path)
        if radiograph.pixels.shape in SIZES:
            return replace(radiograph, spacing_mm=SPACING_MM, spacing_source="table")
        return radiograph

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the hand-drawn masks of both lungs; the heart is excluded."""
        if not self.has_label(item):
            return None
        masks = []
        for path in self._files(item):
            mask = pixels.read_mask(path)
            pixels.check_fit(path, mask.shape, item["image"])
            masks.append((_centre(path, mask), mask))
        masks.sort(key=lambda pair: pair[0])
        return Label(
            np.stack([mask for _, mask in masks]),
            ("right_lung", "left_lung"),
            truth="human",
            heart="excluded",
        )

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether both lungs have a mask; no file is opened."""
        return len(self._files(item)) == 2

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the paths of the image and its masks."""
        return [str(item["image"]), *self._files(item)]

    def _files(self, item: Mapping[str, Any]) -> list[str]:
        stem = pixels.stem_of(Path(str(item["image"])).name)
        return [masks[stem] for masks in self._masks if stem in masks]


def _number(stem: str) -> str:
    return stem.split("_")[1]


def _named(folder: Path) -> dict[str, str]:
    """Map stems to paths, for the files in `folder` named as in this data set."""
    if not folder.is_dir():
        return {}
    return {stem: path for stem, path in pixels.list_images(folder).items() if _NAME.fullmatch(stem)}


def _centre(path: str, mask: npt.NDArray[np.uint8]) -> float:
    """Return the mean column of the mask."""
    if not mask.any():
        raise CxrReadError(path, "is an empty mask", cure="copy it again", code="label")
    return float(np.average(np.arange(mask.shape[1]), weights=mask.sum(axis=0)))
