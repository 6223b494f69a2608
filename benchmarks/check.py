"""How often the rules of thumb of `cxrtk check` are right, on the folders of docs/data.md.

python benchmarks/check.py
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from cxrtk import pixels, readers
from cxrtk.data.check.conventions import EXCLUDED_ABOVE
from cxrtk.data.check.fingerprints import LEAST_CORRELATION, MOST_BITS, Imprint, imprint, near_copies
from cxrtk.data.check.masks import gap_growth
from cxrtk.data.pixels.frontal import not_frontal

DATA = Path(os.environ.get("CXRTK_DATA") or Path(__file__).parents[2] / "shared" / "data")
FRONTAL = ("jsrt", "openist", "covid_v7", "kermany_v7", "nih", "nih_64px")
READERS = {"nih": "nih_png", "nih_64px": "nih_png", "dicom": "dicom"}
Grey = npt.NDArray[np.float32]


def images(name: str) -> list[Grey]:
    """All images of a folder."""
    return [pixels.read(path).pixels for path in sorted((DATA / name / "images").iterdir())]


def kinds() -> dict[str, list[Grey]]:
    """Side views and slices, told apart as their manifest does."""
    found: dict[str, list[Grey]] = {}
    with (DATA / "not_frontal" / "manifest.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = DATA / "not_frontal" / "images" / f"{row['stem']}.png"
            found.setdefault(row["kind"], []).append(pixels.read(path).pixels)
    return found


def polarity(sets: dict[str, list[Grey]]) -> None:
    """False alarms of `looks_inverted`, and negatives that it misses."""
    print("| folder | images | flagged upright | flagged as negatives | missed negatives |")
    print("| --- | --- | --- | --- | --- |")
    for name, held in sets.items():
        upright = sum(map(pixels.looks_inverted, held))
        negative = sum(pixels.looks_inverted(1 - picture) for picture in held)
        print(f"| {name} | {len(held)} | {upright} | {negative} | {len(held) - negative} |")


def strangers(sets: dict[str, list[Grey]]) -> None:
    """What `looks_not_frontal` flags."""
    print("| images | number | like a side view | like a slice |")
    print("| --- | --- | --- | --- |")
    for name, held in {**sets, **kinds()}.items():
        said = [not_frontal(picture) for picture in held]
        counts = [sum(why.startswith(form) for why in said) for form in ("like a side", "like a slice")]
        print(f"| {name} | {len(held)} | {counts[0]} | {counts[1]} |")


def hearts() -> None:
    """How the gap between the lungs grows in masks of both conventions."""
    print("| folder | masks | gap grows by (median) | more than the bound |")
    print("| --- | --- | --- | --- |")
    for name in FRONTAL[:4]:
        reader = readers.create("image_mask_folder", root=DATA / name)
        labels = [reader.read_label(item) for item in reader.items()]
        found = [gap_growth(label.lungs().astype(bool)) for label in labels if label is not None]
        growths = np.array(found, float)
        above = (growths > EXCLUDED_ABOVE).sum()
        print(f"| {name} | {len(growths)} | {np.median(growths):.3f} | {above} |")


def jpeg(picture: Grey) -> Grey:
    """Through a JPEG of quality 30."""
    file = io.BytesIO()
    Image.fromarray(np.rint(picture * 255).astype(np.uint8)).save(file, "JPEG", quality=30)
    whole: Grey = np.asarray(Image.open(file), np.float32) / np.float32(255)
    return whole


def resized(picture: Grey, width: int, height: int) -> Grey:
    """Brought to another size and shape."""
    image = Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS)
    whole: Grey = np.clip(np.asarray(image, np.float32), 0, 1)
    return whole


def cropped(picture: Grey, share: float) -> Grey:
    """Without this share of each side."""
    rows, columns = (round(length * share) for length in picture.shape)
    return picture[rows : picture.shape[0] - rows, columns : picture.shape[1] - columns]


def windowed(picture: Grey, percent: float) -> Grey:
    """Stretched between two percentiles, clipped beyond."""
    low, high = np.percentile(picture, (percent, 100 - percent))
    scaled: Grey = np.clip((picture - low) / max(high - low, 1e-6), 0, 1)
    return scaled


ALTERED: dict[str, Callable[[Grey], Any]] = {
    "JPEG of quality 30": jpeg,
    "half the size": lambda picture: resized(picture, picture.shape[1] // 2, picture.shape[0] // 2),
    "224 x 224": lambda picture: resized(picture, 224, 224),
    "gamma 0.6": lambda picture: picture**0.6,
    "gamma 1.5": lambda picture: picture**1.5,
    "window of 2nd to 98th percentile": lambda picture: windowed(picture, 2),
    "crop of 1 % a side": lambda picture: cropped(picture, 0.01),
    "crop of 2 % a side": lambda picture: cropped(picture, 0.02),
    "crop of 4 % a side": lambda picture: cropped(picture, 0.04),
}


def copies(sets: dict[str, list[Grey]]) -> None:
    """Pairs of different images that are taken for copies, and altered copies that are found."""
    kept = [imprint(picture) for held in sets.values() for picture in held]
    bits, pictures = np.stack([one.bits for one in kept]), np.stack([one.picture for one in kept])
    signs = np.unpackbits(bits, axis=1).astype(np.float32) * 2 - 1
    differing = (512 - np.abs(signs @ signs.T)) / 2
    scaled = pictures / np.linalg.norm(pictures.astype(np.float32), axis=1, keepdims=True)
    correlation = np.abs(scaled @ scaled.T)
    upper = np.triu_indices(len(kept), 1)
    found = {(pair.first, pair.second) for pair in near_copies(bits, pictures)}
    others = np.array([(int(one), int(other)) not in found for one, other in zip(*upper, strict=True)])
    print(f"{others.size} pairs; {len(found)} are taken for copies. Of the others:")
    print(f"  fewest differing bits {differing[upper][others].min():.0f} (at most {MOST_BITS} are a copy)")
    print(f"  greatest correlation {correlation[upper][others].max():.3f} (at least {LEAST_CORRELATION})")
    print("| altered copy | found of 200 |")
    print("| --- | --- |")
    every = [picture for held in sets.values() for picture in held]
    chosen = np.random.default_rng(0).permutation(len(every))[:200]
    for name, alter in ALTERED.items():
        count = sum(_is_found(kept[place], alter(every[place])) for place in chosen)
        print(f"| {name} | {count} |")


def _is_found(original: Imprint, altered: Grey) -> bool:
    other = imprint(np.ascontiguousarray(altered, np.float32))
    pair = [np.stack([getattr(one, name) for one in (original, other)]) for name in ("bits", "picture")]
    return bool(list(near_copies(*pair)))


def times() -> None:
    """Wall time of the whole command on each folder."""
    print("| folder | seconds |")
    print("| --- | --- |")
    for name in (*FRONTAL, "not_frontal", "dicom"):
        arguments = ["--reader", READERS.get(name, "image_mask_folder"), "--dataset_dir", str(DATA / name)]
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "cxrtk", "check", *arguments, "-q"], check=True, stderr=-3)
        print(f"| {name} | {time.monotonic() - began:.1f} |")


def scale() -> None:
    """Speed on full-size images, and memory and time on 20,000 small ones: links to those of two folders."""
    with tempfile.TemporaryDirectory() as folder:
        for name, count in (("nih", 400), ("nih_64px", 20_000)):
            root = Path(folder) / name
            _linked(DATA / name / "images", root / "images", count)
            began = time.monotonic()
            ended = subprocess.run([sys.executable, "-c", PEAK, str(root)], capture_output=True, text=True)
            seconds, megabytes = time.monotonic() - began, int(ended.stdout.split()[-1]) / 1000
            print(f"{name}: {count} images in {seconds:.1f} s, {megabytes:.0f} MB at the peak")
    bits = np.random.default_rng(0).integers(0, 256, (20_000, 64), np.uint8)
    began = time.monotonic()
    list(near_copies(bits, np.zeros((20_000, 1024), np.int8)))
    print(f"all pairs of 20,000 in {time.monotonic() - began:.1f} s")


PEAK = """
import resource, sys
from cxrtk.cli import main
try:
    main(["check", "--reader", "nih_png", "--dataset_dir", sys.argv[1], "-q", "--num_workers", "2"])
except SystemExit:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _linked(source: Path, folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    originals = [Path(shutil.copy(path, folder.parent)) for path in sorted(source.iterdir())]
    for number in range(count):
        name = f"{number % 1000:08d}_{number // 1000:03d}.png"
        os.link(originals[number % len(originals)], folder / name)


def main() -> None:
    """Print the tables of docs/check.md."""
    if "--scale" in sys.argv[1:]:
        scale()
        return
    sets = {name: images(name) for name in FRONTAL}
    for table in (polarity, strangers, copies):
        table(sets)
        print()
    hearts()
    print()
    times()


if __name__ == "__main__":
    main()
