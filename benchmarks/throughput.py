"""Processor time of `cxrtk segment`: of the first mask, of each further image, by stage; before and after.

    python benchmarks/throughput.py --before REF --json benchmarks/results/throughput.json

Images are those where CXRTK_DATA points, repeated where there are few: pictures up to 512 pixels, PNGs
of the NIH of 1,024, DICOM files of some 2,000. Times are those of the process and its children (user, system)
and depend little on what else the machine does. Both states run alternately, and the least of several runs
counts. An image costs what a pass of `--images` takes more than that of one batch, for each further one.
Each state also tells the time of its stages, in a process of its own, and the outputs are compared: pixels of
PNG files, the flag in the JSON files. So that only the program differs, both states take the model `lungs`
that the state before ships. With `--cores`, wall time with one worker and with two is measured.

Backend and precision are those that `cxrtk segment` chooses; CXRTK_BACKEND and CXRTK_PRECISION choose others.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from throughput_stages import STAGES

ROOT = Path(__file__).resolve().parents[1]
MODEL = "cxrtk/models/lungs.safetensors"
BATCH = 4
KINDS = {
    "up to 512": ("jsrt512/images/*.png", "covid_v7/images/*"),
    "NIH 1024": ("nih/images/*.png",),
    "DICOM 2k": ("dicom/RG1_UNCI.dcm", "dicom/RG1_J2KI.dcm"),
}


@contextmanager
def checkout(ref: str) -> Iterator[Path]:
    """A worktree of a git ref, in which cxrtk and its plugins can be imported; an empty one is this tree."""
    if not ref:
        yield ROOT
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "-q", "--detach", tree, ref], check=True)
        try:
            (tree / "cxrtk_plugins").symlink_to("plugins")
            yield tree
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", tree], check=True)


def python(tree: Path, *words: object) -> tuple[float, float, str]:
    """Run Python in a checkout: its processor time with that of its children, its wall time, its output."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # users have compiled modules
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [sys.executable, *map(str, words)]
    ended = subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, wall, ended.stdout


def segment(tree: Path, source: Path, output: Path, *words: object) -> tuple[float, float]:
    """Processor time and wall time of `cxrtk segment`."""
    return python(tree, "-m", "cxrtk", "segment", "-i", source, "-o", output, "-q", *words)[:2]


def images_of(kind: str, data: Path, count: int, folder: Path) -> Path:
    """A folder with `count` links to images of a kind, in turns.

    Raises:
        SystemExit: The data folder has none.
    """
    found = [path for pattern in KINDS[kind] for path in sorted(data.glob(pattern))[:count]]
    if not found:
        raise SystemExit(f"{data} has no images of the kind {kind!r}; set CXRTK_DATA, or leave it out.")
    step = max(len(found) // count, 1)
    return linked([found[number * step % len(found)] for number in range(count)], folder)


def first_of(source: Path, count: int, folder: Path) -> Path:
    """A folder with links to the first images of another."""
    return linked(sorted(source.iterdir())[:count], folder / f"{source.name}-first-{count}")


def linked(paths: Sequence[Path], folder: Path) -> Path:
    """A new folder with numbered links to files, in their order."""
    folder.mkdir()
    for number, path in enumerate(paths):
        (folder / f"{number:04d}{path.suffix}").symlink_to(path.resolve())
    return folder


def differences(one: Path, other: Path) -> dict[str, Any]:
    """What differs between two output folders: files' bytes, pixels and least Dice of masks, flags."""
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.suffix in (".png", ".json"))
    found: dict[str, Any] = {
        "files": len(files),
        "masks_with_other_pixels": 0,
        "pixels": 0,
        "least_dice": 1.0,
    }
    found |= {"flags": 0, "json": 0}
    for name in files:
        if name.suffix == ".json":
            here, there = (json.loads(Path(folder, name).read_text()) for folder in (one, other))
            found["json"] += here["measures"] != there["measures"] or here["quality"] != there["quality"]
            found["flags"] += here["quality"].get("flag") != there["quality"].get("flag")
            continue
        first, second = (np.asarray(Image.open(folder / name)) for folder in (one, other))
        apart = int(np.count_nonzero(first != second))
        found["masks_with_other_pixels"] += apart > 0
        found["pixels"] += apart
        inside = np.count_nonzero(first) + np.count_nonzero(second)
        if inside:
            same = np.count_nonzero((first == second) & (first > 0))
            found["least_dice"] = min(found["least_dice"], float(2 * same / inside))
    return found


def first_masks(trees: Mapping[str, Path], image: Path, repeats: int, folder: Path) -> dict[str, Any]:
    """Seconds of a first mask and of the verbs that list, beside those of an empty Python and of torch."""
    (folder / "runs").mkdir()
    verbs = {verb: ["-m", "cxrtk", verb] for verb in ("plugins", "models", "bundles")}
    verbs["runs"] = ["-m", "cxrtk", "runs", folder / "runs"]
    plain = {"python -c pass": ["-c", "pass"], "import torch": ["-c", "import torch"]}
    seconds: dict[str, Any] = {}
    for turn in range(repeats):
        for state, tree in trees.items():
            for name, words in {**plain, **verbs}.items():
                keep_least(seconds, name, state, python(tree, *words)[0])
            keep_least(seconds, "segment", state, segment(tree, image, folder / f"{state}-{turn}")[0])
    return seconds


def further_images(trees: Mapping[str, Path], source: Path, count: int, repeats: int, folder: Path) -> Any:
    """Milliseconds of each further image, the stages, and what differs between the states."""
    model = next(iter(trees.values())) / MODEL
    few = first_of(source, BATCH, folder)
    made: dict[str, Any] = {}
    stages: dict[str, Any] = {}
    for turn in range(repeats):
        for state, tree in trees.items():
            short = segment(tree, few, folder / f"{source.name}-{state}-few-{turn}", "--model", model)[0]
            output = folder / f"{source.name}-{state}-{turn}"
            whole = segment(tree, source, output, "--model", model)[0]
            keep_least(made, "ms an image", state, (whole - short) / (count - BATCH) * 1000)
            found = json.loads(python(tree, ROOT / "benchmarks/throughput_stages.py", source, model)[2])
            for name in STAGES:
                keep_least(stages, name, state, found[name])
    made["stages"] = stages
    if len(trees) > 1:
        made["differences"] = differences(*(folder / f"{source.name}-{state}-0" for state in trees))
    return made


def on_cores(tree: Path, source: Path, count: int, repeats: int, folder: Path) -> dict[str, float]:
    """Images a second of wall time with one worker and with two; the least times count.

    The start of the workers, and a first batch of each of them, are excluded.
    """
    seconds: dict[str, Any] = {}
    folder = folder / f"{source.name}-cores"
    folder.mkdir()
    first = {workers: BATCH * int(workers) for workers in ("1", "2")}
    few = {workers: first_of(source, images, folder) for workers, images in first.items()}
    for turn in range(repeats):
        for workers in first:
            words = ["--runner", "processes", "--processes", workers]
            for part, images in (("few", few[workers]), ("all", source)):
                output = folder / f"{workers}-{part}-{turn}"
                keep_least(seconds, workers, part, segment(tree, images, output, *words)[1])
    return {
        workers: round((count - first[workers]) / (each["all"] - each["few"]), 2)
        for workers, each in seconds.items()
    }


def keep_least(table: dict[str, Any], name: str, state: str, value: float) -> None:
    """Keep a time in a table, name -> state -> time, if it is the least so far."""
    row = table.setdefault(name, {})
    row[state] = round(min(value, row.get(state, value)), 3)


def show(results: Mapping[str, Any], states: Sequence[str]) -> str:
    """Tables in Markdown."""
    lines = [f"| seconds | {' | '.join(states)} |", f"| --- |{' --- |' * len(states)}"]
    for name, row in results["first"].items():
        lines.append(f"| {name} | {' | '.join(f'{row[state]:.2f}' for state in states)} |")
    lines += ["", f"| ms an image | {' | '.join(states)} |", f"| --- |{' --- |' * len(states)}"]
    for kind, made in results["kinds"].items():
        rows = {kind: made["ms an image"], **{f"- {name}": row for name, row in made["stages"].items()}}
        lines += [f"| {name} | {' | '.join(f'{row[s]:.0f}' for s in states)} |" for name, row in rows.items()]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Measure, print tables, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--before", default="", help="git ref to compare with")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--data", type=Path, default=os.environ.get("CXRTK_DATA", "../shared/data"))
    parser.add_argument("--cores", action="store_true", help="measure wall time of one worker and of two")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    results: dict[str, Any] = {"images": options.images, "repeats": options.repeats, "kinds": {}}
    with checkout(options.before) as old, tempfile.TemporaryDirectory() as work:
        trees = {"before": old, "after": ROOT} if options.before else {"after": ROOT}
        folder = Path(work)
        sources = {
            kind: images_of(kind, options.data, options.images, folder / kind.replace(" ", "-"))
            for kind in options.kinds.split(",")
        }
        one = next(iter(sources.values())) / "0000.png"
        one = one if one.exists() else sorted(next(iter(sources.values())).iterdir())[0]
        results["first"] = first_masks(trees, one, options.repeats, folder)
        for kind, source in sources.items():
            made = further_images(trees, source, options.images, options.repeats, folder)
            if options.cores:
                made["images a second by cores"] = on_cores(
                    ROOT, source, options.images, options.repeats, folder
                )
            results["kinds"][kind] = made
    print(show(results, list(trees)))
    print(json.dumps({kind: made.get("differences") for kind, made in results["kinds"].items()}, indent=1))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return results


if __name__ == "__main__":
    main()
