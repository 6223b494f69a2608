"""Data sets with masks, findings and boxes, clean and spoiled."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from cxrtk import phantom


def write_pairs(folder: Path, source: Path) -> None:
    """The phantoms of `source` in the layout of `image_mask_folder`, with a manifest.

    Their masks are a little larger than those of `source`, so that an evaluation has something to find.
    """
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for path in sorted((source / "images").glob("*.png")):
        shutil.copyfile(path, folder / "images" / path.name)
        mask = np.asarray(Image.open(source / "masks" / path.name))
        grown = mask | np.roll(mask, 1, axis=0) | np.roll(mask, 1, axis=1)
        Image.fromarray(grown * np.uint8(255)).save(folder / "masks" / path.name)
    stems = sorted(path.stem for path in (folder / "images").iterdir())
    _write_manifest(
        folder, [(stem, stem.partition("_")[0], "FM"[place % 2]) for place, stem in enumerate(stems)]
    )
    about = {"truth": "human", "heart": "excluded"}
    (folder / "masks" / "about.json").write_text(json.dumps(about) + "\n", encoding="utf-8")


def spoil(folder: Path) -> None:
    """Give a data set as of `write_pairs` one fault of each kind that `cxrtk check` looks for in files."""
    first, second, third, fourth, fifth, *_ = stems = sorted(
        path.stem for path in (folder / "images").iterdir()
    )
    images, masks = folder / "images", folder / "masks"
    (images / f"{first}.png").write_bytes((images / f"{first}.png").read_bytes()[:200])
    Image.fromarray(np.zeros((32, 32), np.uint8)).save(masks / f"{second}.png")
    Image.fromarray(np.zeros((64, 64), np.uint8)).save(masks / f"{third}.png")
    (masks / f"{fourth}.png").unlink()
    shutil.copyfile(images / f"{fifth}.png", images / "copied.png")
    shutil.copyfile(masks / f"{fifth}.png", masks / "copied.png")
    shutil.copyfile(masks / f"{fifth}.png", masks / "without an image.png")
    Image.fromarray(np.full((64, 64), 70, np.uint8)).save(images / "flat.png")
    Image.fromarray(np.full((64, 64), 255, np.uint8)).save(masks / "flat.png")
    (folder / "unlisted.png").write_bytes((images / f"{fifth}.png").read_bytes())
    rows = [(stem, stem.partition("_")[0], "") for stem in [*stems, "copied", "flat"]]
    _write_manifest(folder, rows)


def write_phantoms(folder: Path) -> list[str]:
    """Eight phantoms as large as the networks' input, so that no mask is resized; gives their names."""
    phantom.write_nih(folder, 8, seed=1, size=64)
    return sorted(path.name for path in (folder / "images").iterdir())


def write_findings(folder: Path) -> list[str]:
    """Eight phantoms, some with a mass, nodules or an effusion, in boxes; gives their names."""
    phantom.write_nih(folder, 8, seed=0, size=128, findings=True)
    return sorted(path.name for path in (folder / "images").iterdir())


def write_blocks(folder: Path, count: int = 24) -> list[str]:
    """Images of two dark blocks beside a bright one, whose masks `whole_lungs` finds; gives their names."""
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True)
    rng = np.random.default_rng(0)
    names = [f"block{number:02}.png" for number in range(count)]
    for name in names:
        top, bottom, aside = (2 * int(rng.integers(low, high)) for low, high in ((3, 8), (22, 29), (3, 6)))
        classes = np.zeros((64, 64), np.uint8)
        classes[top:bottom, aside:26], classes[top:bottom, 38 : 64 - aside] = 1, 2
        classes[bottom - 20 : bottom, 26:38] = 3
        grey = np.array([170, 40, 40, 230], np.int16)[classes] + rng.integers(-9, 10, classes.shape)
        Image.fromarray(grey.astype(np.uint8)).save(folder / "images" / name)
        Image.fromarray(classes).save(folder / "labels" / name)
    return names


def by_patient(names: Sequence[str]) -> dict[str, list[str]]:
    """A split of NIH names: one patient validates, two test, the others train."""
    patients = sorted({name.partition("_")[0] for name in names})
    part_of = dict.fromkeys(patients, "train")
    part_of |= {patients[0]: "validation", patients[1]: "test", patients[2]: "test"}
    parts: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    for name in names:
        parts[part_of[name.partition("_")[0]]].append(name)
    return parts


def _write_manifest(folder: Path, rows: Sequence[tuple[str, str, str]]) -> None:
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("stem", "patient", "sex"), *rows])
