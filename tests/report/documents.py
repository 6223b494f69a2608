"""An evaluation and a run as folders, whose numbers are known."""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, shift

from cxrtk import metrics
from cxrtk.data.phantom import draw
from cxrtk.evaluation.case import Found
from cxrtk.inference.scoring.data_set import DataSet
from cxrtk.inference.scoring.evaluating import run
from cxrtk.inference.scoring.options import EvaluationOptions
from cxrtk.inference.scoring.predictions import Predictions

HOSTILE = '"><script>alert(1)<!--&amp; ünï 图'
STEMS = ("one", "two", "three", "four", HOSTILE, "lost")
LOST = "lost"  # has no prediction


class Moved:
    """Finds the masks of the data set, some pixels aside; of one image nothing."""

    def __init__(self, masks: Path) -> None:
        self.masks = masks

    def __call__(self, name, radiograph, heart):
        stem = Path(name).stem
        if stem == LOST:
            nothing = np.zeros(radiograph.pixels.shape, np.uint8)
            return Found(nothing, nothing.astype(np.float32), missing="no file of its name")
        truth = np.asarray(Image.open(self.masks / f"{stem}.png"), np.float32) / 255
        by = 1 + STEMS.index(stem)
        probabilities = np.clip(gaussian_filter(shift(truth, (by, by), order=0), 2), 0, 1)
        return Found((probabilities >= 0.5).astype(np.uint8), probabilities)


def make_evaluation(root: Path, *, masks: bool = True) -> Path:
    """Six phantoms of 128 pixels, evaluated; gives the evaluation's folder."""
    data, output = root / "data", root / "evaluation"
    for sub in ("images", "masks"):
        (data / sub).mkdir(parents=True)
    for seed, stem in enumerate(STEMS):
        phantom = draw(seed, 128)
        lungs = phantom.right_lung | phantom.left_lung
        Image.fromarray((phantom.pixels * 255).astype(np.uint8)).save(data / "images" / f"{stem}.png")
        Image.fromarray(lungs * np.uint8(255)).save(data / "masks" / f"{stem}.png")
    dataset = DataSet(data, "image_mask_folder", {"root": str(data), "heart": "excluded"})
    found = Predictions(Moved(data / "masks"), {"kind": "model", "name": "moved"}, probabilities=True)
    measures = {name: metrics.create(name) for name in ("dice", "iou", "hd95")}
    run(found, dataset, measures, output, EvaluationOptions(masks=masks), lambda total: lambda: None)
    return output


def make_run(root: Path, *, tested: bool = True) -> Path:
    """The record, log and test of a run of three epochs, as training writes them."""
    folder = root / "run"
    (folder / "test").mkdir(parents=True)
    record = {
        "number": 1, "config_name": "unet_cxr", "status": "complete", "started": "2026-01-02T03:04:05+00:00",
        "max_epochs": 3, "epoch": 3, "key_metric": "dice", "best_metric": 0.7, "best_epoch": 2,
        "commands": [["python", "-m", "monai.bundle", "run"]], "working_directory": "/w",
        "versions": {"cxrtk": "0.1.0"}, "git": None, "host": {"system": "Linux"},
        "settings": {"labels": "human masks, heart excluded", "network": "PaperUNet", "seed": 0},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(record))
    rows = [
        {
            "epoch": 1,
            "train": {"loss": 0.9, "dice": 0.1},
            "validation": {"loss": 0.8, "dice": 0.2},
            "best": True,
        },
        {
            "epoch": 2,
            "train": {"loss": 0.5, "dice": 0.5},
            "validation": {"loss": 0.4, "dice": 0.7},
            "best": True,
        },
        {
            "epoch": 3,
            "train": {"loss": 0.4, "dice": 0.6},
            "validation": {"loss": 0.5, "dice": 0.6},
            "best": False,
        },
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "splits.json").write_text(
        json.dumps({"train": ["a", "b"], "validation": ["c"], "test": ["d", "e"]})
    )
    if tested:
        content = {
            "metrics": {"dice": 0.75}, "images": 2, "truth": "human masks, heart excluded",
            "resolution": "original size", "checkpoint": "best.pt",
        }  # fmt: skip
        (folder / "test_metrics.json").write_text(json.dumps(content))
        table = "filename,class0,mean\nimages/d.png,0.7,0.7\nimages/e.png,0.8,0.8\n"
        (folder / "test" / "dice_raw.csv").write_text(table)
    return folder
