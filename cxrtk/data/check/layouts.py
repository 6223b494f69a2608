"""Detection of masks in common folder layouts, by names alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from cxrtk.data.labels.json_files import looks_like_json, read_json
from cxrtk.data.labels.named import side_of
from cxrtk.data.pixels.listing import is_junk, is_mask_name, mask_stem
from cxrtk.errors import CxrReadError

MASK_WORDS: Final = ("mask", "seg", "label", "annot", "contour", "lungs")
ENDINGS: Final = (
    "_mask",
    "-mask",
    " mask",
    "_seg",
    "-seg",
    "_label",
    "_labels",
    "_lung",
    "_lungs",
    "_lungmask",
)
_SUFFIXES = (
    ".nrrd",
    ".mha",
    ".mhd",
    ".webp",
    ".psd",
    ".svg",
    ".npy",
    ".npz",
    ".mat",
    ".xml",
    ".json",
    ".roi",
)
_USUAL = ("masks", "labels", "annotations")
_MOST = 20_000  # maximum number of names read in a folder


class Layout(NamedTuple):
    """Detected layout of masks, and the instructions for reading it."""

    what: str
    cure: str


def layouts(root: Path) -> list[Layout]:
    """Return the layouts of masks that match the names in a folder; no image is opened.

    Candidates are nnU-Net's folders, ``masks/``, ``labels/`` and ``annotations/`` with files, folders named
    after masks or sides, COCO, LabelMe and other annotation files, and masks beside their images.
    """
    return list(_layouts(root))


def _layouts(root: Path) -> Iterator[Layout]:
    folders = {name: Path(path) for name, path, is_folder in _names(root) if is_folder}
    if (root / "dataset.json").is_file() and any(name.startswith("imagesT") for name in folders):
        yield Layout("the folders of nnU-Net (dataset.json, imagesTr/)", "--reader nnunet")
    for name, folder in folders.items():
        usual, some = name in _USUAL, _some_mask(folder)
        if some and (usual or side_of(name) or any(word in name.lower() for word in MASK_WORDS)):
            cure = "--reader image_mask_folder"
            if not usual:
                cure += f" --set reader#masks={name}"
                cure += ", one folder per side, comma-separated" if side_of(name) else ""
            yield Layout(f"masks in {name}/ ({some})", cure)
    for folder in (root, root / "images"):
        yield from _beside(folder, root)


def _beside(folder: Path, root: Path) -> Iterator[Layout]:
    """Find annotation files, and masks beside their images, in one folder."""
    names = [name for name, _, is_folder in _names(folder) if not is_folder and not is_junk(name)]
    place = "" if folder == root else f"{folder.name}/"
    stems = {mask_stem(name) for name in names if is_mask_name(name)}
    for ending in ENDINGS:
        found = next(
            (stem for stem in stems if stem.endswith(ending) and stem.removesuffix(ending) in stems), ""
        )
        if found:
            cure = (
                f"--reader image_mask_folder --set 'reader#images={place}{{stem}}' "
                f"--set 'reader#masks={place}{{stem}}{ending}'"
            )
            yield Layout(f"masks next to their images ({place}{found})", cure)
            break
    annotated = next((name for name in names if _is_annotation(folder / name, stems)), "")
    if annotated:
        cure = "--reader image_mask_folder, which reads COCO, LabelMe and Darwin JSON; convert other files"
        yield Layout(f"annotations ({place}{annotated})", cure)


def _is_annotation(path: Path, stems: set[str]) -> bool:
    """Return whether a file has the name of an image and the suffix of a drawing, or is COCO JSON."""
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        return False
    if path.stem in stems:
        return True
    if suffix != ".json" or not _has_image_word(path):
        return False
    try:
        content = read_json(path)
    except CxrReadError:
        return True  # too large or damaged, and yet with COCO's lists
    return isinstance(content, dict) and {"images", "annotations"} <= content.keys()


def _has_image_word(path: Path) -> bool:
    try:
        return looks_like_json(path)
    except CxrReadError:
        return False


def _some_mask(folder: Path) -> str:
    """Return the name of some file in a folder or its subfolders that could hold a mask, else ``""``."""
    for name, path, is_folder in _names(folder):
        if is_junk(name):
            continue
        if is_folder:
            below = next(
                (each for each, _, deeper in _names(Path(path)) if not deeper and _could_be(each)), ""
            )
            if below:
                return f"{name}/{below}"
        elif _could_be(name):
            return name
    return ""


def _could_be(name: str) -> bool:
    return name != "about.json" and ((is_mask_name(name) and "." in name) or name.lower().endswith(_SUFFIXES))


def _names(folder: Path) -> list[tuple[str, str, bool]]:
    """Return name, path and a folder flag, sorted by name; empty for a folder that does not exist."""
    try:
        with os.scandir(folder) as entries:
            return sorted((entry.name, entry.path, entry.is_dir()) for entry in islice(entries, _MOST))
    except OSError:
        return []
