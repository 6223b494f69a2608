"""Reader of the JSRT database of chest radiographs, with the masks of the SCR database."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cxrtk import CxrReadError, DataError, Label, Radiograph, Reader, pixels, readers

DATASET = {
    "title": "JSRT: 247 radiographs, 154 of them with a lung nodule; SCR: lungs, heart and clavicles by hand",
    "home": "http://db.jsrt.or.jp/eng.php (images), https://www.isi.uu.nl/Research/Databases/SCR/ (masks)",
    "licence": "none of the common ones; terms of their own",
    "terms": (
        "JSRT: register first, research use. SCR: research and education, free of charge; no redistribution, "
        "no commercial use; whoever reports results must cite both"
    ),
    "citation": (
        "Shiraishi J et al. AJR 2000;174:71-74, doi:10.2214/ajr.174.1.1740071; "
        "van Ginneken B, Stegmann MB, Loog M. Med Image Anal 2006;10:19-40, doi:10.1016/j.media.2005.02.002"
    ),
}

SIDE = 2048  # pixels
BITS = 12
SPACING_MM = (0.175, 0.175)
ORGANS = ("right_lung", "left_lung", "heart", "right_clavicle", "left_clavicle")
MASK_FOLDERS = ("masks", "fold1/masks", "fold2/masks")
IMAGE_FOLDERS = ("All247images", "images", ".")
TABLE_FOLDERS = (".", "Clinical_Information", "All247images")
TABLES = ("clndat_en.txt", "cnndat_en.txt")
_NAME = re.compile(r"JPC[LN]N\d{3}", re.IGNORECASE)
_RECORD = re.compile(r"(JPC[LN]N\d{3})\.IMG((?:(?!JPC[LN]N\d{3}\.IMG)[^\r\n\x1a])*)", re.IGNORECASE)
_BREAK = re.compile(r"\r\n|\r|\n")
_SEXES = {"male": "M", "female": "F", "?": None}

logger = logging.getLogger(__name__)


class Row(NamedTuple):
    """One line of the tables; values are ``None`` if marked by a question mark, or without a table.

    `size_mm` is the size of the nodule, `x` and `y` its centre in pixels of the image; `subtlety` is from
    1 (extremely subtle) to 5 (obvious); `malignancy` is ``malignant`` or ``benign``.
    """

    age: int | None = None
    sex: str | None = None
    subtlety: int | None = None
    size_mm: float | None = None
    x: int | None = None
    y: int | None = None
    malignancy: str | None = None
    diagnosis: str | None = None


# --- the tables


def _row(name: str, words: list[str]) -> Row:
    """Parse the words after a name; raises ValueError if they do not match the layout of the table."""

    def whole(text: str) -> int | None:
        return None if text == "?" else int(text)

    def sex(text: str) -> str | None:
        if text.lower() not in _SEXES:
            raise ValueError(f"{text!r} is neither male nor female")
        return _SEXES[text.lower()]

    if name[3] == "N":  # JPCNN001.IMG 54 male non-nodule
        if len(words) < 3 or words[2] != "non-nodule":
            raise ValueError(f"{' '.join(words)!r} is no 'age sex non-nodule'")
        return Row(age=whole(words[0]), sex=sex(words[1]))
    if len(words) < 7:
        raise ValueError(f"has {len(words)} columns; a nodule has at least 7")
    return Row(
        subtlety=whole(words[0]),
        size_mm=None if words[1] == "?" else float(words[1]),
        age=whole(words[2]),
        sex=sex(words[3]),
        x=whole(words[4]),
        y=whole(words[5]),
        malignancy=None if words[6] == "?" else words[6].lower(),
        diagnosis=" ".join(words[7:]) or None,
    )


def _read_table(path: Path) -> dict[str, Row]:
    """Map names to rows. Lines end with CR, LF or both, and one line may hold several records.

    Raises:
        DataError: The table cannot be read; the message names the line if there is one.
    """
    try:
        text = path.read_bytes().decode("latin-1")  # latin-1 maps every byte value to a character
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; check the file.") from error
    rows: dict[str, Row] = {}
    for found in _RECORD.finditer(text):
        line = 1 + len(_BREAK.findall(text[: found.start()]))
        name = found[1].upper()
        if name in rows:
            raise DataError(f"{path}: line {line}: {name} was named before; keep one of the lines.")
        try:
            rows[name] = _row(name, found[2].split())
        except ValueError as error:
            raise DataError(f"{path}: line {line}: {name}: {error}; compare it with the original.") from error
    if not rows:
        raise DataError(f"{path}: names no image (JPCLN001.IMG ...); is it the table of JSRT?")
    return rows


def _tables(root: Path) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for folder in _present(root, TABLE_FOLDERS):
        for path in sorted(folder.iterdir()):
            if path.name.lower() in TABLES and path.is_file():
                rows |= _read_table(path)
    return rows


# --- the files


def _present(root: Path, names: tuple[str, ...]) -> Iterator[Path]:
    return (root / name for name in names if (root / name).is_dir())


def _images(root: Path) -> dict[str, str]:
    """Map names to paths, in the first folder that has images."""
    if not root.is_dir():
        raise DataError(f"{root.resolve()}: no such folder; check root.")
    for folder in _present(root, IMAGE_FOLDERS):
        found: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            if _NAME.fullmatch(path.stem) and path.suffix.lower() == ".img":
                if path.stem.upper() in found:
                    raise DataError(f"{path}: is there twice, in upper and lower case; remove one of them.")
                found[path.stem.upper()] = str(path)
        if found:
            return {name: found[name] for name in sorted(found)}
    raise DataError(f"No images in {root.resolve()}; expected All247images/JPCLN001.IMG and so on.")


def _masks(roots: list[Path]) -> dict[str, dict[str, str]]:
    """Map organs and names to paths, over both folds."""
    masks: dict[str, dict[str, str]] = {organ: {} for organ in ORGANS}
    for root in roots:
        for folder in _present(root, MASK_FOLDERS):
            for organ in ORGANS:
                for path in sorted((folder / organ.replace("_", " ")).glob("*")):
                    name = path.stem.upper()
                    if not _NAME.fullmatch(name) or path.suffix.lower() not in (".gif", ".png"):
                        continue
                    if name in masks[organ]:
                        raise DataError(f"{path}: there is {masks[organ][name]} too; remove one of them.")
                    masks[organ][name] = str(path)
    return masks


@readers.register("jsrt")
class Jsrt(Reader):
    """Reader of ``All247images/*.IMG`` (or ``images/``, or the root itself) and the masks of SCR.

    An image has 2048 x 2048 big-endian samples of 16 bits; 12 bits are used. Sample values grow with the
    optical density of the film, so large values are dark. They are inverted, so that brighter is denser, and
    divided by 4095. The pixel spacing is 0.175 mm in both directions, according to the publication.

    The masks are in ``scratch/fold1/masks/`` and ``fold2/``, as in the archive of SCR, or in ``masks/``, with
    one folder per organ (``right lung`` is the patient's, on the left of the image). They have 1024 x 1024
    pixels; each covers 2 x 2 pixels of the image. An image that lacks the mask of a lung or of the heart has
    no label.

    ``CLNDAT_EN.txt`` and ``CNNDAT_EN.TXT`` are optional, in the root or in ``Clinical_Information/``.

    Args:
        root: Folder of the database.
        masks: Folder with ``masks/`` or ``fold1/`` and ``fold2/``, if they are neither in the root nor in its
            ``scratch/`` or ``SCR/``.
        clavicles: Include the clavicles in the labels.

    Raises:
        DataError: There is no image, an image exists twice, or a table cannot be read.
    """

    def __init__(self, root: str | Path, masks: str | Path | None = None, clavicles: bool = False) -> None:
        self.root = Path(root)
        self.classes = ORGANS if clavicles else ORGANS[:3]
        self._images = _images(self.root)
        if masks is not None and not Path(masks).is_dir():
            raise DataError(f"{Path(masks).resolve()}: no such folder; check masks.")
        beside = [self.root, self.root / "scratch", self.root / "SCR", self.root / "SCR" / "scratch"]
        self._masks = _masks(beside if masks is None else [Path(masks)])
        self._rows = _tables(self.root)
        if masks is not None and not any(self._masks.values()):
            raise DataError(
                f"{Path(masks).resolve()}: holds no masks; expected 'masks/left lung/JPCLN001.gif'."
            )
        self._count()

    def items(self) -> list[dict[str, Any]]:
        """List one dict per image, sorted by name.

        Keys are ``image``; ``patient``, equal to the name, since each image is of another person; ``nodule``;
        and the fields of `Row`.
        """
        return [
            {
                "image": path,
                "patient": name,
                "nodule": name[3] == "L",
                **self._rows.get(name, Row())._asdict(),
            }
            for name, path in self._images.items()
        ]

    def read(self, path: str | Path) -> Radiograph:
        """Read one image."""
        raw = pixels.read_raw(path, height=SIDE, width=SIDE, bits=BITS, big_endian=True, inverted=True)
        return replace(raw, spacing_mm=SPACING_MM, spacing_source="table")

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read lungs, heart and optionally clavicles, drawn by hand; the heart is excluded from the lungs."""
        if not self.has_label(item):
            return None
        masks = np.stack([_read_mask(path) for path in self._files(item)])
        return Label(masks, self.classes, truth="human", heart="excluded")

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether each class has a mask; no file is opened."""
        return len(self._files(item)) == len(self.classes)

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the paths of the image and its masks."""
        return [str(item["image"]), *self._files(item)]

    def _files(self, item: Mapping[str, Any]) -> list[str]:
        name = Path(str(item["image"])).stem.upper()
        return [self._masks[organ][name] for organ in self.classes if name in self._masks[organ]]

    def _count(self) -> None:
        for organ in self.classes:
            there = self._masks[organ].keys() & self._images.keys()
            logger.info("%s: %d of %d images have a %s.", self.root, len(there), len(self._images), organ)
        logger.info("%s: %d images have no row.", self.root, len(self._images.keys() - self._rows.keys()))


def _read_mask(path: str) -> npt.NDArray[np.uint8]:
    """Read a mask as (2048, 2048), from a file of that size or of half that size."""
    mask = pixels.read_gif_mask(path) if path.lower().endswith(".gif") else pixels.read_mask(path)
    if mask.shape == (SIDE // 2, SIDE // 2):
        return mask.repeat(2, axis=0).repeat(2, axis=1)
    if mask.shape != (SIDE, SIDE):
        what = f"is {mask.shape[1]} x {mask.shape[0]} pixels; masks of SCR are 1024 x 1024 or 2048 x 2048"
        raise CxrReadError(path, what, cure="use the original", code="size")
    return mask
