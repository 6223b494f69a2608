"""The images of a clean set by name, masks to put in their place, and what a report says of them."""

from pathlib import Path

import numpy as np
from PIL import Image

# The images of the fixture `clean`, in their order; the second and third are of one patient, as the last two.
A, B, C, D, E, F, G, H = (
    "00000001_000", "00000002_000", "00000002_001", "00000003_000",
    "00000004_000", "00000005_000", "00000006_000", "00000006_001",
)  # fmt: skip


def image(root: Path, stem: str) -> Path:
    return root / "images" / f"{stem}.png"


def mask(root: Path, stem: str) -> Path:
    return root / "masks" / f"{stem}.png"


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        return np.asarray(opened.convert("L"))


def save(path: Path, values: np.ndarray) -> None:
    Image.fromarray(np.asarray(values, np.uint8)).save(path)


def box(top: int, bottom: int, left: int, right: int) -> np.ndarray:
    """A mask of 128 x 128 with one rectangle."""
    drawn = np.zeros((128, 128), np.uint8)
    drawn[top:bottom, left:right] = 255
    return drawn


def lungs(shift: int = 0) -> np.ndarray:
    """Two rectangles, 30 % of the image, their centre in its middle less `shift` rows."""
    return box(32 - shift, 96 - shift, 20, 58) | box(32 - shift, 96 - shift, 70, 108)


def worrying(report) -> dict[str, list[tuple[str, ...]]]:
    """Code -> names, of what is no note."""
    return {
        code: [issue.images for issue in report.of(code)]
        for code in report.codes()
        if report.severity(code) != "note"
    }
