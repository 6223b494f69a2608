"""Small tables of CheXmask and images beside them."""

import csv
import io
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (40, 30)  # H, W
HEADER = ["Image Index", "Dice RCA (Mean)", "Dice RCA (Max)", "Landmarks"]
HEADER += ["Left Lung", "Right Lung", "Heart", "Height", "Width"]
# Organ -> (first row, behind the last, first column, behind the last); the patient's right is on the left.
BOXES = {"Right Lung": (5, 30, 3, 12), "Left Lung": (5, 30, 17, 27), "Heart": (15, 32, 12, 17)}
LANDMARKS = "[[ 950  268]\n [ 881  279]\n\n [ 806  323]]"  # as numpy prints them: over several lines


def rle(box: tuple[int, int, int, int], width: int = SIZE[1]) -> str:
    """Runs along the rows, counted from 1, as the publication's own code writes them."""
    top, bottom, left, right = box
    return " ".join(f"{row * width + left + 1} {right - left}" for row in range(top, bottom))


def row(name: str, mean: object = 0.85, **changes: object) -> list[str]:
    """One row of a table."""
    cells: dict[str, object] = dict.fromkeys(HEADER, "")
    cells |= {"Image Index": name, "Dice RCA (Mean)": mean, "Dice RCA (Max)": 0.9, "Landmarks": LANDMARKS}
    cells |= {organ: rle(box) for organ, box in BOXES.items()} | {"Height": SIZE[0], "Width": SIZE[1]}
    cells |= {key.replace("_", " "): value for key, value in changes.items()}
    return [str(cell) for cell in cells.values()]


def write_table(path: Path, rows: list[list[str]], column: str = "Image Index") -> Path:
    """A CSV as pandas writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([[column, *HEADER[1:]], *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def write_image(path: Path, size: tuple[int, int] = SIZE) -> Path:
    """A grey gradient."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.arange(size[0] * size[1], dtype=np.uint32).reshape(size).astype(np.uint8)).save(path)
    return path


NAMES = ("00000001_000.png", "00000001_001.png", "00000013_003.png")
