"""What a pass costs by runner: core-seconds and bytes an image, memory of a worker.

    python benchmarks/scale.py --images 40 --processes 2

Phantoms of 1024 x 1024 pixels are segmented once by each runner, into folders that are compared byte by byte.
Core-seconds are those of all processes of a run: to start, those of a run of one image; an image, what a run
of all takes more. Memory is resident, of the process with the most; processes that read are apart.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from cxrtk import phantom

MB = 1024 * 1024
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
READER = "cxrtk.data.isolated_worker"


@dataclass
class Watch:
    """What a run and all that it starts use, looked at ten times a second."""

    seconds: dict[int, float] = field(default_factory=dict)  # process -> of a core
    memory: dict[int, float] = field(default_factory=dict)  # process -> greatest, MB
    readers: set[int] = field(default_factory=set)

    def look(self, root: int) -> None:
        """At the processes of the session that `root` leads, and of their groups."""
        for process in [root, *children(root)]:
            try:
                fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                command = Path(f"/proc/{process}/cmdline").read_bytes()
            except OSError:
                continue  # it has just ended
            self.seconds[process] = (int(fields[11]) + int(fields[12])) / TICKS
            resident = int(fields[21]) * PAGE / MB
            self.memory[process] = max(resident, self.memory.get(process, 0.0))
            if READER.encode() in command:
                self.readers.add(process)

    def greatest(self, *, reads: bool) -> float:
        """MB of the process with the most, among those that read or among the others."""
        return max((most for pid, most in self.memory.items() if (pid in self.readers) == reads), default=0.0)


def children(process: int) -> list[int]:
    """Children and theirs."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            words = task.read_text().split()
        except OSError:
            continue
        for child in words:
            found += [int(child), *children(int(child))]
    return found


def run(words: Sequence[object]) -> tuple[float, Watch]:
    """Run cxrtk; gives the seconds that it took, and what it used."""
    return watched([sys.executable, "-m", "cxrtk", *map(str, words)])


def watched(command: Sequence[str], codes: Sequence[int] = (0,)) -> tuple[float, Watch]:
    """Run a command that ends with one of some codes; gives its seconds and what all of it used."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    watch, ended = Watch(), threading.Event()

    def look() -> None:
        while not ended.wait(0.1):
            watch.look(process.pid)

    looking = threading.Thread(target=look)
    started = time.monotonic()
    looking.start()
    code = process.wait()
    seconds = time.monotonic() - started
    ended.set()
    looking.join()
    if code not in codes:
        raise SystemExit(f"{' '.join(command)[:200]} ended with {code}")
    return seconds, watch


def draw(folder: Path, count: int) -> None:
    """So many phantoms; a few are drawn, and repeated."""
    folder.mkdir()
    drawn = [
        (phantom.draw(seed, 1024).pixels * 255).round().astype(np.uint8) for seed in range(min(count, 4))
    ]
    for number in range(count):
        Image.fromarray(drawn[number % len(drawn)]).save(folder / f"{number:06d}.png")


def size_of(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files with the same bytes."""
    names = [sorted(p.relative_to(f) for p in f.rglob("*") if p.is_file()) for f in (one, other)]
    return names[0] == names[1] and all(
        filecmp.cmp(one / name, other / name, shallow=False) for name in names[0]
    )


def processor() -> str:
    """Its name, by /proc."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?")


def main() -> None:
    """Draw, run by each runner, compare, print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--runners", default="local,processes,ray")
    parser.add_argument("--model", default="lungs")
    options = parser.parse_args()
    print(f"{processor()}, {len(os.sched_getaffinity(0))} cores; {options.images} images of 1024 x 1024\n")
    print("| runner | seconds | core-s to start | core-s an image | MB of a worker | MB of a reader |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder, "all"), options.images)
        draw(Path(folder, "one"), 1)
        outputs = []
        for name in options.runners.split(","):
            workers = [] if name == "local" else ["--processes", options.processes]
            words = ["--runner", name, *workers, "--model", options.model, "-q"]
            _, first = run(["segment", "-i", Path(folder, "one"), "-o", Path(folder, f"1-{name}"), *words])
            outputs.append(Path(folder, name))
            seconds, watch = run(["segment", "-i", Path(folder, "all"), "-o", outputs[-1], *words])
            start = sum(first.seconds.values())
            each = (sum(watch.seconds.values()) - start) / max(options.images - 1, 1)
            print(
                f"| {name} | {seconds:.0f} | {start:.0f} | {each:.2f} | {watch.greatest(reads=False):.0f} | "
                f"{watch.greatest(reads=True):.0f} |",
                flush=True,
            )
        manifest = Path(outputs[0], "manifest.jsonl").stat().st_size
        print(
            f"\nbytes an image: {(size_of(outputs[0]) - manifest) / options.images:.0f} of outputs, ", end=""
        )
        print(f"{manifest / options.images:.0f} of the manifest")
        print("the same bytes by all runners:", all(same(outputs[0], other) for other in outputs[1:]))


if __name__ == "__main__":
    main()
