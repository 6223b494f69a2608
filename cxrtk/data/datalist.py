"""Data lists for MONAI's datasets, with the origin of the labels decided once."""

from __future__ import annotations

import hashlib
import logging
import stat
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from cxrtk.api import Reader
from cxrtk.data.atomic import write_json
from cxrtk.data.check import CODES, habits_of_sample, same_files
from cxrtk.data.data_record import has_record, require_same_data
from cxrtk.data.split_files import read_split
from cxrtk.data.splits import PARTS, Item, Split, image_names, split_by_patient
from cxrtk.data.transforms import GENERATE
from cxrtk.errors import ConfigError, DataError

PATIENTS = "patients.json"  # in the folder of a run
NAMED = 10  # files named in one message
WEAK = {
    "generated": "generated masks (weak labels)",
    "findings": "findings in the data set's table (the NIH's were mined from reports: weak labels)",
}
LABELS = ("auto", "files", "generated", "findings")

logger = logging.getLogger(__name__)


class DataLists:
    """The training, validation and test lists of one run.

    Every entry is ``{"image": path, "label": the reader's item}``, or has ``"label": "generate"`` where the
    mask is to be generated from the image.

    Args:
        reader: Reader that lists the items and reports which have a label.
        labels: ``files`` uses only the items that have a label; ``generated`` ignores labels; ``auto`` is
            ``files`` where every item has a label and ``generated`` where none has one; ``findings`` uses the
            items with image-level findings, for a classifier.
        seed: Seed of the split.
        split_file: A split to use instead of drawing one; see `read_split`.
        test_fraction: Fraction of the patients in the test part, where the split is drawn.
        stratify_by: Column that defines strata to be split separately; see `split_by_patient`.
        fold: Index of the test fold, from 0, if `folds` is given.
        folds: Number of cross-validation folds instead of one test part, 0 for none; see `split_by_patient`.
        save_to: Folder for ``splits.json``, ``patients.json`` and ``data.json``; those of a resumed run must
            agree with the split and with the content of images, masks and tables; see `require_same_data`.
        root: Data folder to which the image paths in ``splits.json`` are relative; empty for the common
            parent of all images.

    Attributes:
        truth: Description of the labels, reported with every metric: ``human masks, heart excluded``; where
            the items have a ``source``, one description for each that differs.
        fingerprint: SHA-256 of the names and sizes of all images; see `fingerprint`.

    Raises:
        ConfigError: `labels` is not one of the four, or `fold` is out of range.
        DataError: Files are missing or empty, ``auto`` finds a mixture, ``files`` finds no label, the split
            is invalid, one file is in two parts under two names, the masks fit their pictures only after a
            rotation, or the data of a resumed run has changed.
    """

    def __init__(
        self,
        reader: Reader,
        labels: str = "auto",
        *,
        seed: int = 0,
        split_file: str = "",
        test_fraction: float = 0.3,
        stratify_by: str = "",
        fold: int = 0,
        folds: int = 0,
        save_to: str = "",
        root: str = "",
    ) -> None:
        if labels not in LABELS:
            raise ConfigError(f"labels must be one of {', '.join(LABELS)}, not {labels!r}.")
        if folds and (folds < 2 or not 0 <= fold < folds):
            raise ConfigError(
                f"fold must be one of 0 to folds - 1, and folds at least 2, not {fold} of {folds}."
            )
        items, self.labels = _choose(reader, reader.items(), labels)
        if split_file:
            split = read_split(Path(split_file), items)
        else:
            split = split_by_patient(
                items,
                seed=seed,
                test_fraction=test_fraction,
                stratify_by=stratify_by,
                fold=fold,
                folds=folds,
            )
        drawn = frozenset(str(item["image"]) for item in items if not reader.files(item))
        self.fingerprint = fingerprint(items, drawn)
        _refuse_copies(split)
        if self.labels == "files" and not (save_to and has_record(Path(save_to))):
            _compare_masks(reader, items)  # in a resumed run the masks were compared at its start
        if save_to:
            taken = [item for part in PARTS for item in split.part(part)]
            require_same_data(Path(save_to), taken, lambda item: self._files(reader, item), root)
            _save(split, Path(save_to) / "splits.json", items, root)
        self.truth = _truth(reader, items) if self.labels == "files" else WEAK[self.labels]
        self.train, self.validation, self.test = (self._entries(split.part(part)) for part in PARTS)
        logger.info("%s; labels: %s", _summary(split), self.truth)

    def _files(self, reader: Reader, item: Item) -> Sequence[str]:
        """Return the files that the training reads for an item, including those of a label that is used."""
        files = reader.files(item)
        return files if self.labels == "files" else files[:1]

    def _entries(self, items: Sequence[Item]) -> list[dict[str, Any]]:
        generate = self.labels == "generated"
        return [{"image": str(item["image"]), "label": GENERATE if generate else item} for item in items]


def fingerprint(items: Sequence[Item], drawn: Collection[str] = ()) -> str:
    """Return the SHA-256 of the name and size of each image file, in order, as an identifier of the data set.

    Args:
        items: Dicts with ``"image"``.
        drawn: Images that a reader generates without a file; their size counts as 0.

    Raises:
        DataError: Files are missing, empty or not regular; the message names the first ten.
    """
    digest = hashlib.sha256()
    bad: list[str] = []
    for item in items:
        path, size = Path(item["image"]), 0
        if str(item["image"]) not in drawn:
            try:
                status = path.stat()
            except OSError as error:
                bad.append(f"{path} ({error.strerror})")
                continue
            size = status.st_size
            if not stat.S_ISREG(status.st_mode) or size == 0:
                bad.append(f"{path} ({'empty' if stat.S_ISREG(status.st_mode) else 'not a regular file'})")
        digest.update(f"{path.name}\0{size}\n".encode())
    if bad:
        more = f" and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
        raise DataError(f"{len(bad)} of {len(items)} images cannot be read: {', '.join(bad[:NAMED])}{more}.")
    return digest.hexdigest()


def _refuse_copies(split: Split) -> None:
    """Refuse identical files in two parts; `cxrtk check` also finds identical pixels in different files."""
    part_of = {str(item["image"]): part for part in PARTS for item in split.part(part)}
    for paths in same_files(list(part_of)):
        first, other = paths[0], next((path for path in paths if part_of[path] != part_of[paths[0]]), None)
        if other is not None:
            raise DataError(
                f"The split leaks: {first} in {part_of[first]} and {other} in {part_of[other]} are the same "
                "file under two names; keep one of them. `cxrtk check` lists every copy."
            )


def _compare_masks(reader: Reader, items: Sequence[Item]) -> None:
    """Refuse a set with systematically rotated masks, and warn of one with displaced masks."""
    for issue in habits_of_sample(reader, items):
        said = f"{CODES[issue.code].meaning}: {issue.detail}. `cxrtk check` names the files."
        if issue.code == "masks_turned":
            raise DataError(f"In a sample of the set, {said}")
        logger.warning("In a sample of the set, %s", said)


def _save(split: Split, path: Path, items: Sequence[Item], root: str) -> None:
    """Write ``splits.json`` and ``patients.json``, or check that the existing split is identical."""
    if path.exists():
        before = read_split(path, items)
        if any(_images(before, part) != _images(split, part) for part in PARTS):
            raise DataError(f"{path}: the run was started with a different split; start a new run.")
    else:
        split.save(path, root)
        _save_patients([item for part in PARTS for item in split.part(part)], path.with_name(PATIENTS), root)


def _save_patients(items: Sequence[Item], path: Path, root: str) -> None:
    """Write a number for each image's patient instead of the data set's key, for intervals by patient."""
    numbers: dict[str, int] = {}
    found = [numbers.setdefault(str(item["patient"]), len(numbers) + 1) for item in items]
    write_json(path, dict(zip(image_names(items, root), found, strict=True)), indent=0)


def _images(split: Split, part: str) -> list[str]:
    return [str(item["image"]) for item in split.part(part)]


def _choose(reader: Reader, items: Sequence[Item], labels: str) -> tuple[Sequence[Item], str]:
    """Return the items to use, and ``files`` or ``generated``."""
    if labels == "generated":
        return items, labels
    if labels == "findings":
        return _told(items), labels
    labelled = [item for item in items if reader.has_label(item)]
    if labels == "files":
        if not labelled:
            raise DataError(f"None of {len(items)} images has a mask; use --labels generated, or add masks.")
        if len(labelled) < len(items):
            logger.warning(
                "%d of %d images have no mask and are left out.", len(items) - len(labelled), len(items)
            )
        return labelled, labels
    if labelled and len(labelled) < len(items):
        raise DataError(
            f"{len(labelled)} of {len(items)} images have a mask; use --labels files to train on those, or "
            "--labels generated to make all masks from the images."
        )
    return items, "files" if labelled else "generated"


def _told(items: Sequence[Item]) -> Sequence[Item]:
    """Return the items with a value in the column ``findings``."""
    told = [item for item in items if item.get("findings")]
    if not told:
        raise DataError(
            f"The source states no findings for any of the {len(items)} images; a classifier needs a column "
            "'findings', as the NIH's table gives."
        )
    if len(told) < len(items):
        logger.warning(
            "%d of %d images have no findings stated and are left out.", len(items) - len(told), len(items)
        )
    return told


def _truth(reader: Reader, items: Sequence[Item]) -> str:
    """Describe the labels by the first item of each source; several conventions are joined by semicolons."""
    firsts = {item.get("source"): item for item in reversed(items)}
    said = []
    for item in reversed(firsts.values()):
        label = reader.read_label(item)
        if label is None:
            raise DataError(f"{item['image']}: has no label although the reader lists one.")
        said.append(f"{label.truth} masks, heart {label.heart}")
    return "; ".join(dict.fromkeys(said))


def _summary(split: Split) -> str:
    parts = []
    for part in PARTS:
        items = split.part(part)
        parts.append(
            f"{part} {len(items)} images of {len({str(item['patient']) for item in items})} patients"
        )
    return ", ".join(parts)
