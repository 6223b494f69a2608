"""What happens to chest X-rays before a model sees them: 19 corruptions in five severities, fixed.

Three more severities, beyond what is likely, exist to make masks fail, for the quality flag to find out.

Each takes an image (H, W) float32 in [0, 1], brighter is denser, its lungs (H, W) of 0 and 1, a severity from
1 to 8 and a source of chance, and gives both back: what moves the image moves the lungs. Nothing here is used
in training; the two were written apart, with scipy and Pillow here and MONAI there.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage

Array = npt.NDArray[np.float32]
Both = tuple[Array, Array]
Corruption = Callable[[Array, Array, int, np.random.Generator], Both]

SEVERITIES = (1, 2, 3, 4, 5)
BEYOND = (6, 7, 8)


def corrupt(name: str, severity: int, image: Array, lungs: Array, seed: str) -> Both:
    """Apply one corruption; the same name, severity and seed give the same result.

    Args:
        name: One of `CORRUPTIONS`.
        severity: 1 to 8.
        image: (H, W) in [0, 1].
        lungs: (H, W) of 0 and 1.
        seed: Such as the image's name.
    """
    rng = np.random.default_rng(zlib.crc32(f"{name} {seed}".encode()))
    changed, moved = CORRUPTIONS[name](image, lungs, severity, rng)
    return np.clip(changed, 0.0, 1.0).astype(np.float32), (moved > 0.5).astype(np.float32)


def level(severity: int, *values: float) -> float:
    """The value of a severity."""
    return values[severity - 1]


def inversion(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """The negative, with less and less contrast."""
    contrast = level(severity, 1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.12, 0.05)
    return 0.5 + contrast * (0.5 - image), lungs


def window(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """A display window that cuts off both ends, or one of them the more."""
    cut = level(severity, 0.05, 0.1, 0.15, 0.22, 0.3, 0.38, 0.43, 0.47)
    low, high = np.quantile(image, [cut * rng.uniform(0.3, 1.0), 1 - cut * rng.uniform(0.3, 1.0)])
    return (image - low) / max(high - low, 1e-6), lungs


def gamma(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """Brighter or darker in the middle."""
    power = level(severity, 1.3, 1.6, 2.0, 2.6, 3.5, 5.0, 8.0, 14.0)
    return image ** (power if rng.random() < 0.5 else 1 / power), lungs


def contrast(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """Stored in few grey levels of a narrow range, as a careless export does."""
    levels = round(level(severity, 64, 32, 16, 10, 6, 4, 3, 2))
    return np.round(image * (levels - 1)) / (levels - 1) * 0.3 + 0.35, lungs


def blur(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """Gaussian, its standard deviation in thousandths of the image's height: 4 to 65."""
    sigma = level(severity, 0.004, 0.006, 0.009, 0.014, 0.02, 0.03, 0.045, 0.065) * image.shape[0]
    return ndimage.gaussian_filter(image, sigma), lungs


def noise(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """Of a lower dose: Gaussian, stronger where less arrives (brighter is denser)."""
    sigma = level(severity, 0.03, 0.06, 0.1, 0.15, 0.22, 0.35, 0.55, 0.9)
    return image + sigma * (0.5 + image) * rng.standard_normal(image.shape), lungs


def jpeg(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """Stored by Pillow at quality 40 to 3; then at 1, reduced to 96, 48 and 32 pixels."""
    file = io.BytesIO()
    quality = round(level(severity, 40, 25, 15, 8, 3, 1, 1, 1))
    grey = Image.fromarray(np.round(image * 255).astype(np.uint8))
    if severity in BEYOND:
        side = round(level(severity, 0, 0, 0, 0, 0, 96, 48, 32))
        grey = grey.resize((side, side), Image.Resampling.BOX)
    grey.save(file, "JPEG", quality=quality)
    stored = Image.open(file).resize(image.shape[::-1], Image.Resampling.BILINEAR)
    return np.asarray(stored, np.float32) / 255, lungs


def rotation(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """By 5 to 90 degrees to either side; what comes in from outside is black."""
    angle = level(severity, 5, 10, 15, 25, 40, 55, 70, 90) * rng.choice([-1, 1])
    turn = np.deg2rad(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return _move(image, lungs, matrix)


def crop(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """Collimation: black shutters at all sides, up to 3 to 36 % of the image; they hide no lung's label."""
    most = level(severity, 0.03, 0.05, 0.08, 0.12, 0.18, 0.24, 0.3, 0.36)
    height, width = image.shape
    top, bottom, left, right = rng.uniform(most / 2, most, 4)
    shut = np.zeros_like(image)
    inside = (
        slice(round(top * height), round((1 - bottom) * height)),
        slice(round(left * width), round((1 - right) * width)),
    )
    shut[inside] = image[inside]
    seen = np.zeros_like(lungs)
    seen[inside] = lungs[inside]
    return shut, seen


def scale(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """A smaller chest in a black field, or one that is cut by the image's edge."""
    factor = level(severity, 1.1, 1.2, 1.3, 1.5, 1.8, 2.2, 2.8, 3.5)
    zoom = factor if rng.random() < 0.5 else 1 / (1 + (factor - 1) / 2)
    return _move(image, lungs, np.eye(2) * zoom)


def flip(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """Mirrored; mirrored and 5 or 10 degrees turned; upside down; turned by 180 degrees (from 5 on)."""
    if severity <= 3:
        turned = rotation(image[:, ::-1], lungs[:, ::-1], severity - 1, rng) if severity > 1 else None
        return turned or (image[:, ::-1], lungs[:, ::-1])
    if severity == 4:
        return image[::-1], lungs[::-1]
    return image[::-1, ::-1], lungs[::-1, ::-1]


def text(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """Burnt-in words, white or black, more and larger."""
    canvas = Image.new("L", image.shape[::-1])
    draw = ImageDraw.Draw(canvas)
    height, width = image.shape
    for _ in range(round(level(severity, 2, 3, 5, 8, 12, 18, 26, 40))):
        word = "".join(rng.choice(list("ABCDEFGHKLMNPRSTUXZ0123456789"), rng.integers(2, 9)))
        size = float(height * rng.uniform(0.04, level(severity, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3)))
        draw.text((rng.uniform(0, 0.8) * width, rng.uniform(0, 0.95) * height), word, 255, font_size=size)
    cover = np.asarray(canvas, np.float32) / 255
    return image + cover * (float(rng.random() < 0.8) - image), lungs


def device(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """Metal in front of the chest: a box with a lead, electrodes with cables."""
    canvas = Image.new("L", image.shape[::-1])
    draw = ImageDraw.Draw(canvas)
    height, width = image.shape
    for _ in range(round(level(severity, 1, 2, 3, 5, 7, 10, 14, 20))):
        x, y = rng.uniform(0.15, 0.85) * width, rng.uniform(0.15, 0.85) * height
        half = height * rng.uniform(0.015, level(severity, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.13, 0.16))
        draw.rounded_rectangle((x - half, y - 0.8 * half, x + half, y + 0.8 * half), half / 3, 255)
        bends = [(x, y)]
        for _ in range(4):
            bends.append(
                (bends[-1][0] + rng.normal(0, 0.1) * width, bends[-1][1] + rng.normal(0, 0.1) * height)
            )
        draw.line(bends, 255, width=max(1, height // 150), joint="curve")
    cover = np.asarray(canvas, np.float32) / 255
    return image + cover * (0.98 - image), lungs


def opacity(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """A part of the lungs as white as the heart: 10 to 95 % of their area, from below or in patches."""
    share = level(severity, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.95)
    smooth = ndimage.gaussian_filter(rng.standard_normal(image.shape), image.shape[0] / 12)
    smooth /= smooth.std() + 1e-9
    if rng.random() < 0.5:  # fluid gathers below
        smooth += 3 * np.linspace(-1, 1, image.shape[0])[:, None]
    inside = lungs > 0.5
    if not inside.any():
        return image, lungs
    white = inside & (smooth > np.quantile(smooth[inside], 1 - share))
    cover = 0.85 * ndimage.gaussian_filter(white.astype(np.float32), image.shape[0] / 100)
    return image + cover * (float(np.quantile(image, 0.85)) - image), lungs


def shadow(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """A soft round shadow, dark or bright, as of a breast, a shield or an exposure that is uneven."""
    depth = level(severity, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9, 1.0)
    row, column = rng.uniform(0.2, 0.8, 2)
    spread = rng.uniform(0.15, 0.35)
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]] / np.reshape(image.shape, (2, 1, 1))
    cover = depth * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * spread**2))
    return (image * (1 - cover) if rng.random() < 0.5 else image + cover * (1 - image)), lungs


def veil(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """Scattered light: most of the picture is a broad wave of grey levels that has nothing to do with it."""
    share = level(severity, 0.15, 0.3, 0.45, 0.6, 0.72, 0.82, 0.9, 0.95)
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]] / np.reshape(image.shape, (2, 1, 1))
    phase = rng.uniform(0.3, 1) * columns + rng.uniform(0.3, 1) * rows + rng.uniform(0, 1)
    return image * (1 - share) + share * (0.5 + 0.5 * np.sin(2 * np.pi * phase)), lungs


def motion(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """The patient moves in steps, up or to a side, by 1 to 28 % of the height, about where the lungs are."""
    length = level(severity, 0.012, 0.024, 0.04, 0.06, 0.09, 0.14, 0.2, 0.28) * image.shape[0]
    upward = rng.random() < 0.5
    weights = rng.uniform(0.5, 1.5, 7)
    steps = [(step, 0.0) if upward else (0.0, step) for step in np.linspace(-length / 2, length / 2, 7)]
    copies = [ndimage.shift(image, step, order=1, mode="nearest") for step in steps]
    return np.average(copies, axis=0, weights=weights), lungs


def white_lung(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """One lung is as dense as the mediastinum, from a veil of 20 % to all of it."""
    regions, count = ndimage.label(lungs > 0.5)
    if count == 0:
        return image, lungs
    sizes = ndimage.sum(lungs > 0.5, regions, range(1, count + 1))
    chosen = regions == rng.choice(np.argsort(sizes)[::-1][:2] + 1)
    dense = level(severity, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97, 1.0)
    cover = dense * ndimage.gaussian_filter(chosen.astype(np.float32), image.shape[0] / 128)
    return image * (1 - cover) + cover * float(np.quantile(image, 0.88)), lungs


def lower_half(image: Array, lungs: Array, severity: int, rng: np.random.Generator) -> Both:
    """The upper 5 to 60 % are missing, and the rest fills the picture."""
    top = round(level(severity, 0.05, 0.1, 0.18, 0.26, 0.35, 0.45, 0.5, 0.6) * image.shape[0])
    factors = (image.shape[0] / (image.shape[0] - top), 1)

    def below(part: Array, order: int) -> Array:
        zoomed: Array = ndimage.zoom(part[top:], factors, order=order, grid_mode=True, mode="nearest")
        return zoomed[: part.shape[0]]

    return below(image, 1), below(lungs, 0)


def _move(image: Array, lungs: Array, matrix: npt.NDArray[Any]) -> Both:
    """Turn or scale about the middle; black and no lung come in from outside."""
    inverse = np.linalg.inv(matrix)
    middle = (np.array(image.shape) - 1) / 2
    offset = middle - inverse @ middle
    moved = ndimage.affine_transform(image, inverse, offset, order=1)
    return moved, ndimage.affine_transform(lungs, inverse, offset, order=0)


CORRUPTIONS: dict[str, Corruption] = {
    each.__name__: each
    for each in (
        inversion, window, gamma, contrast, blur, noise, jpeg,
        rotation, crop, scale, flip, text, device, opacity,
        shadow, veil, motion, white_lung, lower_half,
    )
}  # fmt: skip
