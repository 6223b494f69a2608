"""Random image corruptions of any severity that make a model fail, used to fit the quality flag.

Each function takes an (S, S) image in [0, 1] (brighter is denser), its (C, S, S) classes of 1, 0 and -1
(unknown), and a random generator, and returns image and classes: an operation that moves or removes a part of
the image does the same to the classes. The flag is evaluated on other corruptions
(`benchmarks/corruptions.py`), which are implemented separately.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cxrtk.classes import CLASSES, SIDES, WITH_HEART

Picture = npt.NDArray[np.float32]
Classes = npt.NDArray[np.int8]
Both = tuple[Picture, Classes]
Kind = Callable[[Picture, Classes, np.random.Generator], Both]

FEWEST = 8  # smallest number of rows and columns that remain of an image


def covered(image: Picture, classes: Classes, rng: np.random.Generator) -> Both:
    """Cover the image with one to six ellipses and boxes of any grey level, opaque or half opaque."""
    side = image.shape[0]
    rows, columns = np.mgrid[:side, :side]
    changed = image.copy()
    for _ in range(rng.integers(1, 7)):
        row, column = rng.uniform(0.1, 0.9, 2) * side
        half = rng.uniform(0.02, rng.uniform(0.05, 0.3), 2) * side
        turn = rng.uniform(0, np.pi)
        along = (columns - column) * np.cos(turn) + (rows - row) * np.sin(turn)
        across = (rows - row) * np.cos(turn) - (columns - column) * np.sin(turn)
        if rng.random() < 0.5:
            inside = (np.abs(along) < half[0]) & (np.abs(across) < half[1])
        else:
            inside = (along / half[0]) ** 2 + (across / half[1]) ** 2 < 1
        grey = rng.choice([rng.uniform(0.6, 1), rng.uniform(0, 0.2), rng.uniform(0, 1)])
        cover = rng.uniform(0.5, 1)
        changed[inside] = (1 - cover) * changed[inside] + cover * grey
    return changed, classes


def shaded(image: Picture, classes: Classes, rng: np.random.Generator) -> Both:
    """Darken or brighten one side of a line at any angle, with a sharp or a soft edge."""
    side = image.shape[0]
    rows, columns = np.mgrid[:side, :side] / side - 0.5
    turn = rng.uniform(0, 2 * np.pi)
    distance = columns * np.cos(turn) + rows * np.sin(turn) - rng.uniform(-0.25, 0.25)
    shade = rng.uniform(0.2, 0.95) / (1 + np.exp(-distance / rng.uniform(0.01, 0.15)))
    return image * (1 - shade) if rng.random() < 0.5 else image + shade * (1 - image), classes


def hazy(image: Picture, classes: Classes, rng: np.random.Generator) -> Both:
    """Fade the contrast into a single grey level, or into a strongly blurred copy of the image."""
    haze = rng.uniform(0.3, 0.97)
    if rng.random() < 0.5:
        return image * (1 - haze) + haze * ndimage.gaussian_filter(
            image, rng.uniform(0.04, 0.24) * len(image)
        ), classes
    return image * (1 - haze) + haze * rng.uniform(0.2, 0.9), classes


def smeared(image: Picture, classes: Classes, rng: np.random.Generator) -> Both:
    """Average copies that are shifted along a line, like a motion blur."""
    length, turn = rng.uniform(0.02, 0.3) * len(image), rng.uniform(0, np.pi)
    steps = np.linspace(-length / 2, length / 2, max(3, round(length / 3)))
    copies = [
        ndimage.shift(image, (step * np.sin(turn), step * np.cos(turn)), order=1, mode="nearest")
        for step in steps
    ]
    return np.mean(copies, axis=0), classes


def whitened(image: Picture, classes: Classes, rng: np.random.Generator) -> Both:
    """Make one lung or both as dense as the mediastinum, from below or from above; keep the classes."""
    lungs = _lungs(classes)
    chosen = lungs[rng.integers(2)] if rng.random() < 0.8 else lungs[0] | lungs[1]
    rows = np.flatnonzero(chosen.max(axis=1))
    count = int(rng.uniform(0.25, 1) * len(rows))
    kept = rows[len(rows) - count :] if rng.random() < 0.75 else rows[:count]
    part = np.zeros(image.shape, np.float32)
    part[kept] = chosen[kept]
    cover = ndimage.gaussian_filter(part, rng.uniform(0.004, 0.03) * len(image)) * rng.uniform(0.6, 1)
    dense = rng.uniform(0.65, 1) * max(float(np.quantile(image, 0.9)), 0.5)
    return image * (1 - cover) + cover * dense, classes


def cut_off(image: Picture, classes: Classes, rng: np.random.Generator) -> Both:
    """Replace a strip of 10 to 60 % at one of the four sides by a single grey level, without any class."""
    side = image.shape[0]
    count = int(rng.uniform(0.1, 0.6) * side)
    strip = [np.s_[side - count :, :], np.s_[:count, :], np.s_[:, :count], np.s_[:, side - count :]][
        rng.integers(4)
    ]
    changed, left = image.copy(), classes.copy()
    changed[strip] = rng.choice([0.0, float(np.quantile(image, 0.9)), rng.uniform(0, 1)])
    left[(slice(None), *strip)] = 0
    return changed, left


def enlarged(image: Picture, classes: Classes, rng: np.random.Generator) -> Both:
    """Enlarge a part to fill the image: half of the chest, its base, its apices, or one side."""
    side = image.shape[0]
    height, width = rng.uniform(0.35, 0.85), rng.uniform(0.35, 1.0) if rng.random() < 0.5 else 1.0
    if rng.random() < 0.3:
        height, width = 1.0, rng.uniform(0.4, 0.7)
    part = (slice(None), _span(height, side, rng), _span(width, side, rng))
    shown = zoomed(image[part[1:]], side, 1)
    return shown, np.stack([zoomed(each, side, 0) for each in classes[part]])


KINDS: Mapping[str, Kind] = MappingProxyType(
    {each.__name__: each for each in (covered, shaded, hazy, smeared, whitened, cut_off, enlarged)}
)


def spoiled(kind: str, image: Picture, classes: Classes, rng: np.random.Generator) -> Both:
    """Apply one of `KINDS` at random; the image stays in [0, 1]."""
    changed, moved = KINDS[kind](image, classes, rng)
    return np.ascontiguousarray(np.clip(changed, 0.0, 1.0), dtype=np.float32), np.ascontiguousarray(moved)


def _lungs(classes: Classes) -> npt.NDArray[np.bool_]:
    """Return (2, S, S) right and left lung, or the halves of lungs with heart if the sides are unknown."""
    if len(classes) == 1:
        both = classes[0] > 0
    elif (classes[: len(SIDES)] > 0).any():
        return classes[: len(SIDES)] > 0
    else:
        both = classes[CLASSES.index(WITH_HEART)] > 0
    halves = np.stack([both, both])
    middle = both.shape[1] // 2
    halves[0, :, middle:] = halves[1, :, :middle] = False
    return halves


def _span(share: float, side: int, rng: np.random.Generator) -> slice:
    """Return a span of an axis: at its start, at its end or in between."""
    start = int(rng.choice([0.0, 1 - share, rng.uniform(0, 1 - share)]) * side)
    return slice(start, max(start + int(share * side), start + FEWEST))


def zoomed(part: npt.NDArray[Any], side: int, order: int = 1) -> npt.NDArray[Any]:
    """Resample a part of an image, or of a class with order 0, to (side, side)."""
    factors = (side / part.shape[0], side / part.shape[1])
    resized: npt.NDArray[Any] = ndimage.zoom(part, factors, order=order, grid_mode=True, mode="nearest")
    return resized[:side, :side]
