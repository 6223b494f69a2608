"""MONAI Label's ``monaibundle`` tasks on an exported bundle: python monai_label.py BUNDLE DATA.

DATA holds ``images/`` and ``labels/`` of PNG. A datastore of plain paths is made of a copy. The task for
inference must give the label map of the first image, under the numbers and names that the bundle states, and
the task for training must train an epoch. Needs MONAI Label and no cxrtk; `make apps` runs it.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from PIL import Image

IMAGES = 10
# Operators that torchvision asks for on import; its wheels for CUDA lack them beside a torch for CPUs.
# MONAI Label imports it to draw pictures, and needs none of them.
OPERATORS = ("nms", "qnms")


def main(bundle: Path, data: Path) -> None:
    """Infer one image, then train an epoch; print what came of both as JSON."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in OPERATORS:
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder, "lung_cxr_segmentation")
        shutil.copytree(bundle, own)  # training replaces its weights
        store = datastore(data, Path(folder, "studies"))
        print(json.dumps({"infer": infer(own, data), "train": train(own, store)}, indent=1))


def datastore(data: Path, folder: Path) -> Any:
    """Return MONAI Label's own datastore of some images with their labels."""
    from monailabel.datastore.local import LocalDatastore

    (folder / "labels" / "final").mkdir(parents=True)
    for image in sorted((data / "images").iterdir())[:IMAGES]:
        shutil.copy(image, folder)
        shutil.copy(data / "labels" / image.name, folder / "labels" / "final")
    return LocalDatastore(str(folder), extensions=["*.png"], auto_reload=False)


def infer(bundle: Path, data: Path) -> dict[str, object]:
    """Return the names of the labels, and the Dice of each with the label of the first image."""
    from monailabel.tasks.infer.bundle import BundleInferTask

    image = sorted((data / "images").iterdir())[0]
    task = BundleInferTask(str(bundle), {"preload": "false"})
    request = {"model": bundle.name, "image": str(image), "device": "cpu", "result_extension": ".nii.gz"}
    file, result = task(request)
    found = np.squeeze(np.asanyarray(nib.load(file).dataobj)).T  # stored as [x, y]
    truth = np.asarray(Image.open(data / "labels" / image.name))
    named = result["label_names"]
    dice = {
        name: float(2 * np.sum((found == n) & (truth == n)) / max(np.sum(found == n) + np.sum(truth == n), 1))
        for name, n in named.items()
    }
    return {"labels": named, "shape": list(found.shape), "image": list(truth.shape), "dice": dice}


def train(bundle: Path, store: Any) -> dict[str, object]:
    """Train an epoch on the datastore; return how many images it has, and whether the weights are others."""
    from monailabel.tasks.train.bundle import BundleTrainTask

    before = (bundle / "models" / "model.pt").read_bytes()
    task = BundleTrainTask(str(bundle), {})
    task(
        {
            "model": bundle.name,
            "max_epochs": 1,
            "device": "cpu",
            "val_split": 0.2,
            "pretrained": True,
            "multi_gpu": False,
            "tracking": "None",
        },
        store,
    )
    return {
        "images": len(store.datalist()),
        "new_weights": (bundle / "models" / "model.pt").read_bytes() != before,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
