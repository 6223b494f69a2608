"""Small data folders for the bundle `lungs_open`."""

import csv
from itertools import cycle
from pathlib import Path

LICENCES = ("CC BY 3.0", "CC BY 4.0")
FEW_PHANTOMS = {"sources#phantoms#count": 4, "sources#phantoms#size": 64}


def say_licences(folder: Path) -> None:
    """Write a manifest in which each image has one of the licences that the bundle takes."""
    stems = sorted(path.stem for path in (folder / "images").iterdir())
    rows = [f"{stem},{licence}" for stem, licence in zip(stems, cycle(LICENCES), strict=False)]
    (folder / "manifest.csv").write_text("\n".join(["stem,image_license", *rows]))


def link_some(source: Path, target: Path, stems: list[str]) -> None:
    """Make a folder of some pairs of a real source, by links, with their rows of its manifest."""
    for name in ("images", "masks", "labels"):
        if (source / name).is_dir():
            (target / name).mkdir(parents=True)
            for stem in stems:
                (target / name / f"{stem}.png").symlink_to(source / name / f"{stem}.png")
    rows = [row for row in manifest(source) if row["stem"] in stems]
    with (target / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)


def manifest(source: Path) -> list[dict[str, str]]:
    """Read the rows of a real source's manifest."""
    with (source / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
