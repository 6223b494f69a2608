"""A researcher's own names of files: folders, or patterns with ``{stem}``."""

from __future__ import annotations

import glob
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrtk.data.labels.named import class_of, side_of
from cxrtk.data.pixels.listing import SUFFIXES, is_image_name, is_mask_name, list_images, mask_stem
from cxrtk.errors import ConfigError, DataError

STEM = "{stem}"
_SHOWN = 80  # characters of an argument in a message
_EXAMPLES = "a folder such as imgs, or a pattern such as imgs/{stem}_cxr.png"


def find_images(root: Path, pattern: str) -> dict[str, str]:
    """Return stem -> path of the images of a folder or pattern below `root`, sorted by stem.

    A pattern without an image suffix takes any. The stem is one part of a path: it holds no slash.

    Raises:
        ConfigError: The pattern leads out of `root`, or has more than one ``{stem}`` in a part.
        DataError: The folder cannot be listed, or two images share a stem.
    """
    _check(pattern, "images")
    if STEM not in pattern:
        return list_images(root / pattern)
    written = STEM.join(glob.escape(part) for part in pattern.split(STEM))
    suffixed = pattern.lower().endswith(SUFFIXES)
    form = _form(pattern, suffixed)
    found: dict[str, str] = {}
    stars = written.replace(STEM, "*") + ("" if suffixed or written.endswith(STEM) else "*")
    for path in sorted(root.glob(stars)):
        match = form.fullmatch(path.relative_to(root).as_posix())
        if match is None or not is_image_name(path.name) or path.is_dir():
            continue
        first = found.setdefault(match["stem"], str(path))
        if first != str(path):
            raise DataError(f"{path}: has the stem of {first}; rename or remove one of them.")
    return dict(sorted(found.items()))


class MaskPattern:
    """Finder of the mask of a stem, by a folder or a pattern below `root`.

    Args:
        root: Folder of the data set.
        pattern: Folder name, or a path with ``{stem}``; without a suffix, any suffix of a mask fits.

    Raises:
        ConfigError: The pattern leads out of `root`.
    """

    def __init__(self, root: Path, pattern: str) -> None:
        _check(pattern, "masks")
        self.root = root
        self.pattern = pattern if STEM in pattern else f"{pattern.rstrip('/')}/{STEM}"
        self._names: dict[Path, dict[str, list[str]]] = {}  # folder -> name and stem -> names

    def find(self, stem: str) -> str | None:
        """Return the path of the mask of `stem`, ``None`` where there is none.

        Raises:
            DataError: Several files fit.
        """
        wanted = self.root / self.pattern.replace(STEM, stem)
        names = self._names.setdefault(wanted.parent, {}) or self._list(wanted.parent)
        fitting = names.get(wanted.name, [])
        if len(fitting) > 1:
            raise DataError(
                f"{wanted.parent.resolve()}: {fitting[0]} and {fitting[1]} both fit {self.pattern}; give the "
                "pattern a suffix, or remove one of them."
            )
        return str(wanted.parent / fitting[0]) if fitting else None

    def _list(self, folder: Path) -> dict[str, list[str]]:
        names = self._names[folder]
        if folder.is_dir():
            for path in sorted(folder.iterdir()):
                if is_mask_name(path.name) or path.name.lower().endswith(".json"):
                    for key in {path.name, mask_stem(path.name)}:
                        names.setdefault(key, []).append(path.name)
        return names


def mask_patterns(masks: Any, root: Path) -> dict[str | None, MaskPattern]:
    """Return class -> pattern of the argument `masks`; ``None`` stands for both lungs, or a class map.

    Args:
        masks: Folder or pattern; several of them, one per side, in a list or separated by commas; or
            ``{class: folder or pattern}``.
        root: Folder of the data set.

    Raises:
        ConfigError: `masks` is none of these, or one of several patterns does not name its side.
    """
    if isinstance(masks, str) and masks.lstrip().startswith("{") and STEM not in masks.partition(":")[0]:
        masks = _classes(masks)
    if isinstance(masks, Mapping):
        return {class_of(str(name)): MaskPattern(root, str(pattern)) for name, pattern in masks.items()}
    patterns = masks.split(",") if isinstance(masks, str) else masks
    texts = isinstance(patterns, Sequence) and all(
        isinstance(each, str) and each.strip() for each in patterns
    )
    if not texts or not patterns:
        raise ConfigError(
            f"masks must be {_EXAMPLES.replace('imgs', 'segs').replace('_cxr', '_mask')}, not {masks!r}."
        )
    patterns = [each.strip() for each in patterns]
    if len(patterns) == 1:
        return {None: MaskPattern(root, patterns[0])}
    found: dict[str | None, MaskPattern] = {}
    for pattern in patterns:
        side = _side(pattern)
        if side is None or side in found:
            raise ConfigError(
                f"masks: {pattern!r} does not name a side; state the class of each, such as masks="
                '{"right_lung": "segs/{stem}_1.png", "left_lung": "segs/{stem}_2.png"}.'
            )
        found[side] = MaskPattern(root, pattern)
    return found


def without_masks(images: Mapping[str, str], masks: Any, root: Path) -> dict[str, str]:
    """Return the images without the masks that are stored beside them.

    Args:
        images: Stem -> path.
        masks: Folder or pattern, as in `mask_patterns`; ``None`` keeps all images.
        root: Folder of the data set.
    """
    if masks is None or (isinstance(masks, str) and masks.lower().endswith(".json") and "{" not in masks):
        return dict(images)
    patterns = mask_patterns(masks, root).values()
    found = {pattern.find(stem) for stem in images for pattern in patterns}
    return {stem: path for stem, path in images.items() if path not in found}


def _classes(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ConfigError(
            f"masks: {text[:_SHOWN]!r} begins like {{class: pattern}}, but is not JSON; write masks="
            '{"right_lung": "segs/{stem}_1.png", "left_lung": "segs/{stem}_2.png"}.'
        ) from error


def _side(pattern: str) -> str | None:
    """Return the side that a pattern names: in its file name, else in the nearest folder that does."""
    for part in reversed(pattern.split("/")):
        side = side_of(mask_stem(part.replace(STEM, " ")))
        if side is not None:
            return side
    return None


def _form(pattern: str, suffixed: bool) -> re.Pattern[str]:
    """Return the pattern as a regular expression with the group ``stem``."""
    before, *others = pattern.split(STEM)
    text = (
        re.escape(before)
        + r"(?P<stem>[^/]+?)"
        + "".join(("(?P=stem)" if number else "") + re.escape(part) for number, part in enumerate(others))
    )
    return re.compile(text if suffixed else text + _any_suffix())


def _any_suffix() -> str:
    return f"(?i:{'|'.join(map(re.escape, SUFFIXES))})?"


def _check(pattern: Any, argument: str) -> None:
    if not isinstance(pattern, str) or not pattern.strip():
        raise ConfigError(f"{argument} must be {_EXAMPLES}, not {pattern!r}.")
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        raise ConfigError(f"{argument}: {pattern!r} must lie below the data set's folder (root).")
    if re.search(r"[{}]", pattern.replace(STEM, "")):
        raise ConfigError(f"{argument}: {pattern!r} may hold {STEM} and no other braces.")
