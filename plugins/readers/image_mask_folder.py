"""Reader of images and masks in folders, paired by file stem, in the usual layout or a researcher's own."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from cxrtk import ConfigError, DataError, labels, pixels, readers

MANIFEST = "manifest.csv"
NAMED = 20  # values of a column in one message

logger = logging.getLogger(__name__)


@readers.register("image_mask_folder")
class ImageMaskFolder(labels.FolderReader):
    """Reader of ``images/<stem>.*`` with ``masks/<stem>.*`` or ``labels/<stem>.*``, or files named otherwise.

    By default ``images/`` holds the images, ``masks/`` one mask of both lungs per image or one subfolder per
    side, and ``labels/`` class maps; annotations may also be in ``annotations/``, beside the images (LabelMe,
    Darwin JSON) or in a COCO file in the root. Images without a mask are listed too.
    ``manifest.csv`` in the root may give the ``patient`` of each ``stem`` and further columns; without it
    each image counts as its own patient.

    Args:
        root: Folder of the data set.
        truth: Origin of the masks: ``human``, ``generated``, ``model`` or ``exact``. ``None`` uses the value
            in ``masks/about.json``, otherwise ``human``, the usual origin of masks in this layout.
        heart: Heart convention of the lung masks: ``excluded``, ``included`` or ``unknown``. ``None`` uses
            the value in ``masks/about.json``, otherwise ``excluded`` if the heart is one of the classes,
            otherwise ``unknown``.
        label_classes: Class names of the numbers in ``labels/``; by default 1 ``right_lung``, 2
            ``left_lung``, 3 ``heart``. If it is given and there is no ``labels/``, the files in ``masks/``
            are class maps. Several numbers may have the same class.
        only: Values to keep, by column of the table, such as ``{"image_license": ["CC BY 3.0", "CC BY
            4.0"]}``. An image is kept if it has one of the values in each of the columns.
        images: Folder of the images below `root`, or a pattern such as ``imgs/{stem}_cxr.png``.
        masks: Folder of the masks, a pattern such as ``segs/{stem}_mask``, one pattern per side separated by
            commas, ``{class: pattern}``, or a COCO file. ``None`` searches the places above.
        mask_threshold: Fraction of the range, in (0, 1), above which a pixel of a mask is inside, for masks
            with more than two values, such as JPEG.
        mask_names: Map from the names in segmentations and polygons to classes, such as ``{"Segment 1":
            "lungs"}``, for names that are not plain names of a lung or of the heart.
        table: Table of the images below `root`, instead of ``manifest.csv``; rows without an image are
            counted in the log.
        delimiter: Character that separates the cells of `table`.
        key: Column of `table` that names the image; by default ``stem``, or the first that names every image.
        patient: Column of `table` with the patient; by default ``patient`` if it exists.

    Raises:
        ConfigError: `only` gives no list of values for a column, or another argument is invalid.
        DataError: There is no image, two images share a stem, the table or all masks do not match the images,
            there are files beside the masks that cannot be read as masks, `only` names a column or a value
            that the table does not have, or `only` keeps no image.
        CxrReadError: A file with the annotations of all images is damaged.
    """

    def __init__(
        self,
        root: str | Path,
        truth: str | None = None,
        heart: str | None = None,
        label_classes: Mapping[int, str] | None = None,
        only: Mapping[str, Sequence[str]] | None = None,
        images: str = "images",
        masks: str | Sequence[str] | Mapping[str, str] | None = None,
        mask_threshold: float | None = None,
        mask_names: Mapping[str, str] | None = None,
        table: str | None = None,
        delimiter: str = ",",
        key: str | None = None,
        patient: str | None = None,
    ) -> None:
        self.root = Path(root)
        images_found = labels.without_masks(_found(self.root, images), masks, self.root)
        path = self.root / (table or MANIFEST)
        if table is None:
            if (key, patient, delimiter) != (None, None, ","):
                raise ConfigError("key, patient and delimiter are about a table; name it by table= too.")
            rows = _manifest(path, images_found)
        else:
            rows, others = labels.read_cases(
                path, images_found, delimiter=delimiter, key=key, patient=patient
            )
            logger.info("%s: %d rows belong to no image.", path, others)
        kept = _kept(path, rows, only or {})
        files = pixels.LabelFiles(
            self.root,
            images_found,
            truth=truth,
            heart=heart,
            default_truth="human",
            classes={int(key): value for key, value in (label_classes or pixels.CLASSES).items()},
            maps=label_classes is not None and not (self.root / "labels").is_dir(),
            masks=masks,
            threshold=mask_threshold,
            names=mask_names,
        )
        super().__init__(images_found, rows, files)
        if only:  # applied last, so that masks of other images still count as matched
            self.images = {stem: path for stem, path in images_found.items() if stem in kept}


def _found(root: Path, pattern: str) -> dict[str, str]:
    """Map stems to images; the error states the expected layout, and how to specify another one."""
    folder = (root / pattern).resolve()
    if "{" not in pattern and not folder.is_dir() and root.is_dir():
        raise DataError(
            f"{folder}: no such folder; put the images there, with their masks in masks/, or say where they "
            "are: images=imgs or images=imgs/{stem}_cxr.png (--set reader#images=...)."
        )
    images = labels.find_images(root, pattern)
    if not images:
        raise DataError(
            f"No images in {folder}; put PNG, DICOM or NIfTI files there, or say where they are: "
            "images=imgs or images=imgs/{stem}_cxr.png (--set reader#images=...)."
        )
    return images


def _kept(path: Path, rows: Mapping[str, Mapping[str, str]], only: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the stems of the rows that have one of the values asked for, in each column named."""
    if not isinstance(only, Mapping):
        raise ConfigError(
            f'only must be such as {{"sex": ["F"]}}, a list of texts for a column, not {only!r}.'
        )
    kept = set(rows)
    for column, values in only.items():
        texts = not isinstance(values, str) and isinstance(values, Sequence) and len(values) > 0
        if not texts or not all(isinstance(value, str) for value in values):
            raise ConfigError(
                f'only must name a list of texts for {column!r}, such as ["F"], not {values!r}.'
            )
        if not rows:
            raise DataError(
                f"{path}: is missing or has no rows; only={column!r} asks for one of its columns."
            )
        columns = next(iter(rows.values()))
        if column not in columns:
            raise DataError(f"{path}: has no column {column!r} to choose by; there are {', '.join(columns)}.")
        there = Counter(row[column] for row in rows.values())
        for value in values:
            if value not in there:
                said = ", ".join(f"{each!r} ({count})" for each, count in there.most_common(NAMED))
                more = f" and {len(there) - NAMED} more" if len(there) > NAMED else ""
                raise DataError(f"{path}: no row has {value!r} in {column!r}; there are {said}{more}.")
        kept &= {stem for stem, row in rows.items() if row[column] in values}
    if only and not kept:
        raise DataError(f"{path}: no row has all of {dict(only)}; ask for less.")
    return kept


def _manifest(path: Path, images: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Map stems to the columns of the manifest; empty without a manifest."""
    if not path.is_file():
        return {}
    rows: dict[str, dict[str, str]] = {}
    for line, row in labels.read_rows(path, needed=["stem"]):
        if "image" in row:
            raise DataError(f"{path}: line 1: has a column 'image', which means the path; rename it.")
        stem = row["stem"]
        if stem not in images:
            raise DataError(f"{path}: line {line}: there is no image {stem!r} in {path.parent / 'images'}.")
        if stem in rows:
            raise DataError(f"{path}: line {line}: {stem!r} was named before; keep one of the rows.")
        if row.get("patient") == "":
            raise DataError(f"{path}: line {line}: {stem!r} has no patient; fill it in.")
        rows[stem] = row
    missing = [stem for stem in images if stem not in rows]
    if missing:
        first = ", ".join(missing[:10])
        raise DataError(
            f"{path}: {len(missing)} images have no row ({first}); add them or remove the images."
        )
    return rows
