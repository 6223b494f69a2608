"""Train the paper's U-Net on drawn chests, test it, make its page, and segment a real radiograph.

python examples/demo.py [--id value ...]    ids of the bundle, such as --max_epochs 2
"""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.data import get_testdata_file

import cxrtk
from cxrtk.bundles import shipped
from cxrtk.data.overlay import overlay
from cxrtk.process.device import cpu_has_bf16

DATA, RUNS = Path("data/phantom"), Path("runs")  # the built-in sample
# Batches of 4 make 17 steps an epoch instead of 5, and at 128 x 128 a step takes a quarter of the time.
SETTINGS = {
    "image_size": "128",
    "batch_size": "4",
    "learning_rate": "0.001",
    "max_epochs": "16",
}
SHOWN = 3  # test images on the picture, beside the real radiograph
HEIGHT = 640  # of the picture, in pixels


def main(arguments: Sequence[str]) -> int:
    """Run the four steps; return the exit code of the first that fails."""
    radiograph = get_testdata_file("RG1_UNCI.dcm", download=False)
    if radiograph is None:
        print("RG1_UNCI.dcm is missing; install it by: pip install pydicom-data", file=sys.stderr)
        return 2
    print(plan(), flush=True)
    run = RUNS / time.strftime("demo_%Y%m%d_%H%M%S")
    page, segmented = run / "report.html", run / "segmented"
    config = os.path.relpath(shipped()["unet_cxr"])
    options = [word for name, value in SETTINGS.items() for word in (f"--{name}", value)]
    train = ["-m", "monai.bundle", "run", "--config_file", config, "--run_name", run.name]
    steps = {
        "draw 96 digital chest phantoms": ["-m", "cxrtk", "phantom", str(DATA)],
        "train the paper's U-Net, and test it once": [*train, *options, *arguments],
        "make the page of the run": ["-m", "cxrtk", "report", str(run), "-o", str(page)],
        "segment a real radiograph with the model that ships": [
            *("-m", "cxrtk", "segment", "-i", str(radiograph), "-o", str(segmented), "--preview")
        ],
    }
    for number, (title, words) in enumerate(steps.items(), 1):
        print(f"\n[{number} of {len(steps)}] {title}\n$ python {' '.join(words)}", flush=True)
        code = subprocess.run([sys.executable, *words], check=False).returncode
        if code:
            return code
    picture = run / "demo.png"
    side_by_side(run, segmented / "RG1_UNCI_preview.jpg").save(picture)
    print(summary(run, page, segmented, picture))
    return 0


def plan() -> str:
    """Say what the demo does, and about how long it takes on this machine."""
    minutes = "4 minutes" if cpu_has_bf16() else "8 to 12 minutes (this CPU has no bfloat16)"
    return (
        "The demo draws 96 digital chest phantoms, trains the U-Net of the paper on 65 of them, tests it on\n"
        "25 that it has not seen, and segments a real radiograph with the model that ships with cxrtk.\n"
        f"On two free cores it takes about {minutes}. It downloads nothing; it writes to\n"
        f"{DATA} and {RUNS}."
    )


def summary(run: Path, page: Path, segmented: Path, picture: Path) -> str:
    """List the result of the test, with its ground truth, and the files; the picture comes last."""
    test = json.loads((run / "test_metrics.json").read_text(encoding="utf-8"))
    dice = test["metrics"]["dice"]
    return (
        f"\nMean Dice of the trained U-Net on {test['images']} held-out phantoms: {dice:.4f}"
        f"\nGround truth         {test['truth']}: each phantom is drawn from its mask."
        "\n                     The number says that the training works; it says nothing about patients."
        f"\nPage of the run      {page}"
        f"\nCurves               {Path(sys.executable).parent}/tensorboard --logdir {RUNS}"
        f"\nBest checkpoint      {run}/best.pt"
        f"\nReal radiograph      {segmented}: masks, measures and quality flag"
        f"\nPicture              {picture}"
        "\n                     Left: held-out phantoms, with the U-Net's lungs blue and the truth orange."
        "\n                     Right: the real radiograph, segmented by the model that ships."
    )


def side_by_side(run: Path, preview: Path) -> Image.Image:
    """Draw the first held-out phantoms with the masks of the trained network, and the preview beside them."""
    with (run / "test" / "dice_raw.csv").open(encoding="utf-8", newline="") as file:
        images = [Path(row["filename"]) for row in csv.DictReader(file)][:SHOWN]
    pictures = [segmented_phantom(path, run) for path in images] + [Image.open(preview)]
    resized = [each.resize((round(each.width * HEIGHT / each.height), HEIGHT)) for each in pictures]
    row = Image.new("RGB", (sum(each.width for each in resized), HEIGHT))
    left = 0
    for each in resized:
        row.paste(each, (left, 0))
        left += each.width
    return row


def segmented_phantom(path: Path, run: Path) -> Image.Image:
    """Draw one phantom with the lungs that the run's best checkpoint finds, and those it was drawn from."""
    found = cxrtk.segment(path, model=run)
    truth = np.asarray(Image.open(path.parents[1] / "masks" / path.name)) > 0
    return Image.fromarray(overlay(found.radiograph.pixels, found.lungs(), truth=truth))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
