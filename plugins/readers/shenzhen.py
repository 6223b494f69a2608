"""Reader of the Shenzhen set of the NLM: 662 radiographs, 566 with a mask published later by others."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cxrtk import DataError, Label, Radiograph, Reader, pixels, readers

DATASET = {
    "title": "Shenzhen Hospital X-ray set: 662 radiographs, 336 with signs of tuberculosis; masks of 566",
    "home": (
        "https://data.lhncbc.nlm.nih.gov/public/Tuberculosis-Chest-X-ray-Datasets/index.html (images), "
        "https://www.kaggle.com/yoctoman/shcxr-lung-mask (masks)"
    ),
    "licence": "images: none of the common ones, terms in the ReadMe of the download; masks: CC BY-NC-SA 4.0",
    "terms": (
        "research; name the source (National Library of Medicine, and Shenzhen No. 3 People's Hospital) and "
        "cite the papers; read the ReadMe before passing images on; no commercial use of the masks"
    ),
    "citation": (
        "Jaeger S et al. IEEE TMI 2014;33:233-245, doi:10.1109/TMI.2013.2284099; "
        "Candemir S et al. IEEE TMI 2014;33:577-590, doi:10.1109/TMI.2013.2290491; "
        "masks: Stirenko S et al. 2018, arXiv:1803.01199"
    ),
}

MASK_FOLDERS = ("mask", "masks", "mask/mask")
_NAME = re.compile(r"CHNCXR_\d{4}_[01]")
_MASK = "_mask"
_SEX = re.compile(r"(?<![a-z])(fe)?male?", re.IGNORECASE)  # "femal" occurs, and "normal" contains "mal"
_AGE = re.compile(r"(\d{1,3})\s*([ymwd])", re.IGNORECASE)
_PER_YEAR = {"y": 1, "m": 12, "w": 52, "d": 365}

logger = logging.getLogger(__name__)


class Reading(NamedTuple):
    """Contents of one file of ``ClinicalReadings/``; unknown values are ``None``."""

    age: int | None = None
    sex: str | None = None
    reading: str | None = None


def _read_reading(path: Path) -> Reading:
    """Parse "male 45yrs" and the free text below.

    The first line was typed by hand ("female24yrs", "male ,16 months", "femal 33yrs"), so values that are not
    found in it are ``None`` rather than an error. An age without a unit is unknown, since some are in months
    or days.
    """
    try:
        first, _, rest = path.read_bytes().decode("latin-1").partition("\n")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; check the file.") from error
    sex, age = _SEX.search(first), _AGE.search(first)
    return Reading(
        age=int(age[1]) // _PER_YEAR[age[2].lower()] if age else None,
        sex=("F" if sex[1] else "M") if sex else None,
        reading=" ".join(rest.split()) or None,
    )


@readers.register("shenzhen")
class Shenzhen(Reader):
    """Reader of ``CXR_png/``, ``ClinicalReadings/`` and ``mask/`` (or ``masks/``, ``mask/mask/``).

    The folders are in `root` or in its ``ChinaSet_AllFiles/``; the masks, a separate download, in either of
    them. The pixel size is not published, so there is no spacing. Images are palette images, converted by
    their colours and not by their indices, or RGB with equal channels.

    Args:
        root: Folder of the data set.
        masks: Folder with ``CHNCXR_0001_0_mask.png`` and so on, instead of the folders above.

    Raises:
        DataError: There is no image, or `masks` contains no mask of these images.
    """

    def __init__(self, root: str | Path, masks: str | Path | None = None) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise DataError(f"{self.root.resolve()}: no such folder; check root.")
        inner = self.root / "ChinaSet_AllFiles"
        folder = inner if inner.is_dir() else self.root
        images = pixels.list_images(folder / "CXR_png") if (folder / "CXR_png").is_dir() else {}
        self._images = {stem: path for stem, path in images.items() if _NAME.fullmatch(stem)}
        if not self._images:
            raise DataError(f"No images in {folder.resolve()}; expected CXR_png/CHNCXR_0001_0.png and so on.")
        beside = [base / name for base in (folder, self.root) for name in MASK_FOLDERS]
        self._masks = _find_masks(beside if masks is None else [Path(masks)])
        if masks is not None and not self._masks.keys() & self._images.keys():
            raise DataError(
                f"{Path(masks).resolve()}: holds no mask of an image; expected CHNCXR_0001_0_mask.png."
            )
        files = {stem: folder / "ClinicalReadings" / f"{stem}.txt" for stem in self._images}
        self._readings = {
            stem: _read_reading(file) if file.is_file() else Reading() for stem, file in files.items()
        }
        missing = sum(not file.is_file() for file in files.values())
        labelled = len(self._masks.keys() & self._images.keys())
        logger.info(
            "%s: %d images, %d with a mask, %d without a reading.", folder, len(files), labelled, missing
        )

    def items(self) -> list[dict[str, Any]]:
        """List one dict per image, sorted by number.

        Keys are ``image``; ``patient``, four digits; ``tuberculosis``, the last digit of the name; ``age`` in
        whole years; ``sex`` (M or F); ``reading``, free text.
        """
        return [
            {
                "image": path,
                "patient": stem.split("_")[1],
                "tuberculosis": stem.endswith("1"),
                **self._readings[stem]._asdict(),
            }
            for stem, path in self._images.items()
        ]

    def read(self, path: str | Path) -> Radiograph:
        """Read one image."""
        return pixels.read_png(path)

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the hand-drawn mask of both lungs, without the heart; ``None`` for 96 of the images."""
        path = self._masks.get(_stem(item))
        if path is None:
            return None
        mask = pixels.read_mask(path)
        pixels.check_fit(path, mask.shape, item["image"])
        return Label(mask[None], ("lungs",), truth="human", heart="excluded")

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether there is a mask; no file is opened."""
        return _stem(item) in self._masks

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the paths of the image and its mask."""
        return [str(item["image"]), *filter(None, [self._masks.get(_stem(item))])]


def _stem(item: Mapping[str, Any]) -> str:
    return pixels.stem_of(Path(str(item["image"])).name)


def _find_masks(folders: list[Path]) -> dict[str, str]:
    """Map image stems to mask paths, in the first folder that has masks."""
    for folder in folders:
        listed = pixels.list_images(folder) if folder.is_dir() else {}
        found = {stem.removesuffix(_MASK): path for stem, path in listed.items() if stem.endswith(_MASK)}
        if found:
            return found
    return {}
