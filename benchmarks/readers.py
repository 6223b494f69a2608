"""Time of reading PNG and DICOM files through `cxrtk`, over that of Pillow, pydicom, MONAI and SimpleITK.

    pip install -e ".[twins]"
    python benchmarks/readers.py --repeats 7

Each call starts at a path and ends with the pixels as float32 in memory, in one thread and with the file in
the system's cache; its processor time counts. What each does beyond that is in its docstring: `cxrtk` alone
checks, scales to [0, 1] of the declared range and turns `MONOCHROME1`. The readers take turns on each file. A
file counts with the median of its repeats, a group of files with their sum. The figures to quote are the
ratios, of one run; `--seconds` prints images a second too, which are the machine's.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pydicom
import SimpleITK as sitk
import torch
from monai.transforms.io.array import LoadImage
from PIL import Image
from pydicom.pixels import apply_voi_lut

from cxrtk import pixels

Read = Callable[[Path], Any]
PNG_GROUPS = ("jsrt", "openist", "covid_v7", "kermany_v7", "nih")


def cxrtk_png(path: Path) -> Any:
    """Every chunk's checksum, rows, colours, transparency, flags; divided by 255 or 65535."""
    return pixels.read_png(path).pixels


def pillow(path: Path) -> Any:
    """As stored, no check; divided by 255, which is what a network is given."""
    with Image.open(path) as image:
        return np.divide(np.asarray(image), np.float32(255), dtype=np.float32)


def cxrtk_dicom(path: Path) -> Any:
    """Header checks, stored bits, modality LUT, VOI, polarity, scale, spacing, flags, provenance."""
    return pixels.read_dicom(path).pixels


def pydicom_voi(path: Path) -> Any:
    """Pixel_array and apply_voi_lut; no modality LUT, no polarity, no scale."""
    dataset = pydicom.dcmread(path)
    return apply_voi_lut(dataset.pixel_array, dataset).astype(np.float32)


def monai(reader: str) -> Read:
    """MONAI's LoadImage with one reader named: float32 as stored, no VOI, no polarity, no scale."""
    return LoadImage(reader=reader, image_only=True, ensure_channel_first=True)


def simple_itk(path: Path) -> Any:
    """GDCM or libpng below ITK: the modality LUT, no VOI, no polarity, no scale."""
    return sitk.GetArrayFromImage(sitk.ReadImage(path)).astype(np.float32)


PNG = {"cxrtk": cxrtk_png, "Pillow": pillow, "MONAI": monai("PILReader"), "SimpleITK": simple_itk}
DICOM = {
    "cxrtk": cxrtk_dicom,
    "pydicom + apply_voi_lut": pydicom_voi,
    "MONAI": monai("PydicomReader"),
    "SimpleITK": simple_itk,
}


def measure(readers: dict[str, Read], files: list[Path], repeats: int) -> dict[str, float]:
    """Seconds a reader needs for all `files`: the sum of each file's median."""
    seconds = dict.fromkeys(readers, 0.0)
    for file in files:
        taken: dict[str, list[float]] = {name: [] for name in readers}
        for turn in range(repeats + 1):
            names = list(readers)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                start = time.process_time()
                readers[name](file)
                if turn:  # the first one warms the cache
                    taken[name].append(time.process_time() - start)
        for name, times in taken.items():
            seconds[name] += median(times)
    return seconds


def table(readers: dict[str, Read], groups: dict[str, list[Path]], repeats: int, show_seconds: bool) -> None:
    """One row a group: the time of `cxrtk` over that of each other."""
    others = [name for name in readers if name != "cxrtk"]
    print(f"\n| files | {' | '.join(f'over {name}' for name in others)} |")
    print("| --- |" + " --- |" * len(others))
    total = dict.fromkeys(readers, 0.0)
    for group, files in groups.items():
        seconds = measure(readers, files, repeats)
        total = {name: spent + seconds[name] for name, spent in total.items()}
        rates = ", ".join(f"{name} {len(files) / spent:.1f}" for name, spent in seconds.items())
        print(row(f"{group} ({len(files)})", seconds) + (f" images/s: {rates}" if show_seconds else ""))
    print(row("all of them", total))


def row(name: str, seconds: dict[str, float]) -> str:
    """One line of the table."""
    ratios = [f"{seconds['cxrtk'] / spent:.2f}" for other, spent in seconds.items() if other != "cxrtk"]
    return f"| {name} | {' | '.join(ratios)} |"


def main() -> None:
    """Measure both kinds of file on the real data."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--files", type=int, default=20, help="PNG files of each folder, evenly picked")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seconds", action="store_true", help="print images a second too")
    args = parser.parse_args()

    warnings.simplefilter("ignore")  # MONAI's, one a file
    torch.set_num_threads(1)
    process: Any = sitk.ProcessObject
    process.SetGlobalDefaultNumberOfThreads(1)
    process.SetGlobalWarningDisplay(False)
    folders = {name: sorted((args.data / name / "images").glob("*.png")) for name in PNG_GROUPS}
    png = {name: found[:: -(-len(found) // args.files)] for name, found in folders.items() if found}
    table(PNG, png, args.repeats, args.seconds)
    dicom = {path.name: [path] for path in sorted((args.data / "dicom").glob("*.dcm"))}
    table(DICOM, dicom, args.repeats, args.seconds)


if __name__ == "__main__":
    main()
