"""Memory of `cxrtk segment` over many files: does it stay flat?

    python benchmarks/segment_memory.py --files 10000

A few real images are copied under many names and segmented in one run; the resident memory of the command and
its reading process is sampled every second. Speed is printed as well: images a second, all included.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

MB = 1024 * 1024
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident(process: int) -> float:
    """MB of a process and its children, by /proc; pages that they share count for each."""
    total = 0
    for entry in (process, *children(process)):
        try:
            total += int(Path(f"/proc/{entry}/statm").read_text().split()[1]) * PAGE
        except OSError:  # it has just ended
            continue
    return total / MB


def children(process: int) -> list[int]:
    """Children and theirs."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [int(child), *children(int(child))]
    return found


def main() -> None:
    """Link, run, sample, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--model", default="lungs")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--set", default="jsrt", help="whose images are repeated")
    options = parser.parse_args()
    images = sorted((options.data / options.set / "images").iterdir())[:50]
    with tempfile.TemporaryDirectory() as folder:
        inputs, outputs = Path(folder, "in"), Path(folder, "out")
        for number in range(options.files):
            place = inputs / f"{number // 1000:03d}"
            place.mkdir(parents=True, exist_ok=True)
            source = images[number % len(images)].resolve()
            shutil.copyfile(source, place / f"{number:06d}{source.suffix}")
        command = [sys.executable, "-m", "cxrtk", "segment", "-i", inputs, "-o", outputs, "-q"]
        started = time.monotonic()
        process = subprocess.Popen([*command, "--model", options.model, "--batch-size", "8"])
        samples = []
        while process.poll() is None:
            samples.append(resident(process.pid))
            time.sleep(1)
        seconds = time.monotonic() - started
    memory = np.array(samples[:-1])
    print(f"exit code {process.returncode}; {options.files} files in {seconds:.0f} s, ", end="")
    print(f"{options.files / seconds:.1f} images/s")
    for share in (0.1, 0.25, 0.5, 0.75, 0.99):
        window = memory[int(share * len(memory)) :][: max(1, len(memory) // 50)]
        print(f"after {share:.0%} of the time: {window.mean():.0f} MB")
    print(f"greatest: {memory.max():.0f} MB")


if __name__ == "__main__":
    main()
