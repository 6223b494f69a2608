"""Networks whose sums are exact, stored as a model file and as the folders of two runs.

Only files are written here, by their formats, so that this outlives the code that reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

SIZE = 64
CLASSES = ("right_lung", "left_lung", "heart", "lungs_with_heart")
FINDINGS = ("Mass", "Nodule", "Effusion")
SEGMENTER = {"_target_": "cxrtk.networks.create", "name": "whole_lungs", "image_size": SIZE}
CLASSIFIER = {"_target_": "cxrtk.networks.create", "name": "whole_findings", "findings": len(FINDINGS)}
# A logit is (4 n + 1) / 8: no two views of a pixel are each other's opposite, whose probabilities would have
# a mean of 0.5 but for rounding; and it stays so small that no probability is 0 or 1 but for rounding.
STEP, ODD = 4 / 8, 1 / 8
TEMPERATURE = (1.0, 1.0, 2.0, 1.0)


def lung_weights(heart: int = 1) -> dict[str, torch.Tensor]:
    """Weights of `whole_lungs`: lungs are dark and at the sides, the heart is bright and in the middle.

    Args:
        heart: How much the middle counts, to make another model of the same kind.
    """
    stem = torch.zeros(4, 1, 3, 3)
    stem[0, 0, 1, 1], stem[1, 0, 1, 1] = 1, -1  # bright, dark
    stem[2, 0, 1], stem[3, 0, :, 1] = torch.tensor([-1.0, 1, 0]), torch.tensor([-1.0, 1, 0])  # edges
    down = torch.zeros(4, 4, 2, 2)
    down[0, 0], down[0, 1], down[1, 0], down[1, 1] = 1, -1, -1, 1
    down[2, 2], down[3, 3] = 1, 1
    head = torch.zeros(4, 11, 3, 3)
    #             bright dark edges  bright dark edges  left right middle
    head[0, :, 1, 1] = torch.tensor([-2, 2, 0, 0, -1, 1, 0, 0, 3, -3, 0])
    head[1, :, 1, 1] = torch.tensor([-2, 2, 0, 0, -1, 1, 0, 0, -3, 3, 0])
    head[2, :, 1, 1] = torch.tensor([2, -2, 0, 0, 1, -1, 0, 0, -1, -1, 2 * heart])
    head[3, :, 1, 1] = torch.tensor([-1, 1, 0, 0, -1, 1, 0, 0, 0, 0, 2 * heart])
    head[:2, 2, 1, 0], head[:2, 3, 0, 1] = 1, -1  # a tap beside the middle each
    across = torch.arange(SIZE).expand(SIZE, SIZE)
    middle = (across - SIZE // 2).abs() < SIZE // 8
    down_there = torch.arange(SIZE)[:, None].expand(SIZE, SIZE) > SIZE // 3
    places = torch.stack([across < SIZE // 2, across >= SIZE // 2, middle & down_there])
    return {
        "stem.weight": stem,
        "stem.bias": torch.zeros(4),
        "down.weight": down,
        "down.bias": torch.zeros(4),
        "head.weight": STEP * head,
        "head.bias": ODD - STEP * torch.tensor([0, 0, 4, 0]),
        "places": places[None].float(),
    }


def finding_weights() -> dict[str, torch.Tensor]:
    """Weights of `whole_findings`: bright blocks, dark blocks, and edges of both directions."""
    bright = torch.ones(4, 4)
    edge = torch.tensor([-1.0, -1, 1, 1]).expand(4, 4)
    return {
        "maps.weight": torch.stack([bright, -bright, edge, edge.T])[:, None],
        "maps.bias": torch.tensor([-8.0, -8, 0, 0]),
        "tell.weight": torch.tensor([[1.0, -1, 2, 0], [0, 1, -1, 1], [1, 0, -1, -1]]),
        "tell.bias": torch.tensor([-2.0, 0, 1]),
    }


def write_model(path: Path, name: str, heart: int = 1) -> None:
    """A model file for `cxrtk segment`."""
    header = {
        "format": "cxrtk-model-1",
        "name": name,
        "network": SEGMENTER,
        "classes": CLASSES,
        "image_size": SIZE,
        "in_channels": 1,
        "heart": "excluded",
        "temperature": TEMPERATURE,
        "threshold": 0.5,
        "quality": {},
        "trained": {"run": name, "labels": "exact masks, heart excluded"},
        "task": "segmentation",
        "input": {},
    }
    save_file(lung_weights(heart), path, {"cxrtk": json.dumps(header, sort_keys=True)})


def write_run(
    folder: Path,
    number: int,
    data: str,
    parts: Mapping[str, Sequence[str]],
    *,
    reader: str = "nih_png",
    tells: bool = False,
) -> None:
    """A run's folder, as training leaves it: of the classifier if it `tells` findings, else of the segmenter.

    Args:
        folder: Of the run.
        number: Of the run.
        data: Its data set.
        parts: Names of the images of each part.
        reader: Of the data set.
        tells: Which network.
    """
    (folder / "test").mkdir(parents=True)
    labels = "the table's findings" if tells else "exact masks, heart excluded"
    metric = "auc" if tells else "dice"
    _write_json(folder / "config.json", _config(data, reader, tells=tells))
    record = {
        "number": number, "config_name": "chexnet_cxr" if tells else "unet_cxr", "status": "complete",
        "started": "2026-01-02T03:04:05+00:00", "max_epochs": 3, "epoch": 3, "key_metric": metric,
        "best_metric": 0.7, "best_epoch": 2, "commands": [["cxrtk", "train", "unet_cxr"]],
        "working_directory": ".", "versions": {"cxrtk": "0.0.1"}, "git": None, "host": {"system": "Linux"},
        "settings": {"labels": labels, "network": "WholeNet", "seed": 0, "dataset_dir": data},
    }  # fmt: skip
    _write_json(folder / "run.json", record)
    _write_json(folder / "splits.json", parts)
    rows = [
        {
            "epoch": epoch,
            "lr": 0.001,
            "train": {"loss": 1 / epoch, metric: 0.2 * epoch},
            "validation": {"loss": 1.1 / epoch, metric: best},
            "best": epoch < 3,
        }
        for epoch, best in enumerate((0.25, 0.7, 0.6), start=1)
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    weights = finding_weights() if tells else lung_weights()
    with (folder / "best.pt").open("wb") as file:  # by a path, the file would hold its name
        torch.save({"model": weights}, file)
    if not tells:
        _write_test(folder, metric, labels, parts["test"])


def _config(data: str, reader: str, *, tells: bool) -> dict[str, Any]:
    more: dict[str, Any] = {"findings": FINDINGS, "lungs": "full"} if tells else {}
    return {
        "network_def": CLASSIFIER if tells else SEGMENTER,
        "in_channels": 1,
        "image_size": SIZE,
        "dataset_dir": data,
        "labels": "auto",
        "reader": {"_target_": "cxrtk.readers.create", "name": reader, "root": "@data_root"},
        "mask_generator": {"_target_": "cxrtk.masks.create", "name": "mean_threshold"},
        **more,
    }


def _write_test(folder: Path, metric: str, truth: str, images: Sequence[str]) -> None:
    content = {
        "metrics": {metric: 0.75},
        "images": len(images),
        "truth": truth,
        "resolution": "original size",
    }
    _write_json(folder / "test_metrics.json", {**content, "checkpoint": "best.pt"})
    rows = [f"images/{name},{value},{value}" for name, value in zip(images, (0.7, 0.8), strict=False)]
    table = "\n".join(["filename,class0,mean", *rows, ""])
    (folder / "test" / f"{metric}_raw.csv").write_text(table, encoding="utf-8")


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
