"""Small runs of the bundle, and what their files say."""

import csv
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from monai.bundle import ConfigWorkflow
from monai.utils import set_determinism
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.utils.tensorboard import SummaryWriter

from cxrtk.bundles import shipped

SIZE = 32
EPOCHS = 8
SMALL = {"image_size": SIZE, "max_epochs": EPOCHS, "batch_size": 4, "learning_rate": 0.003, "overlays": 2}
BASIC = {"network_def#name": "basic_unet"}
FP32 = {f"{part}#inferer#bf16": False for part in ("train", "validate", "test")}
CURVES = {"loss", "metric/dice", "metric/iou", "metric/pixel_accuracy", "images_per_second"}
TAGS = {"train": {*CURVES, "lr"}, "validation": CURVES}


def link_pairs(cxrtk_data: Path, folder: Path) -> Path:
    """Ten radiographs of jsrt with their masks: 6 train, 1 validates, 3 test."""
    for sub in ("images", "masks"):
        (folder / sub).mkdir()
        for file in sorted((cxrtk_data / "jsrt" / sub).glob("*.png"))[:10]:
            (folder / sub / file.name).symlink_to(file)
    return folder


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """As `contextlib.chdir` of Python 3.11, with small tensors' one thread and free seeds afterwards."""
    before, threads = Path.cwd(), torch.get_num_threads()
    os.chdir(folder)
    torch.set_num_threads(1)
    try:
        yield
    finally:
        set_determinism(None)
        torch.set_num_threads(threads)
        os.chdir(before)


def run(folder: Path, configs: list[Path], **override: Any) -> Path:
    """Run a bundle under `folder`; return the run's folder."""
    before = set((folder / "runs").glob("*"))
    resumed = override.get("resume_from")
    with working_in(folder):
        workflow = ConfigWorkflow(
            config_file=[str(config) for config in configs],
            meta_file=str(shipped()["unet_cxr"].with_name("metadata.json")),
            logging_file=False,
            workflow_type="train",
            **{"device": "$torch.device('cpu')", **override},
        )
        try:
            workflow.initialize()
            workflow.run()
            workflow.finalize()
        finally:
            close_curves()
    new = set((folder / "runs").glob("*")) - before
    if resumed:
        assert not new
        return folder / "runs" / str(resumed)
    (made,) = new
    return made


def close_curves() -> None:
    """Close all writers of curves, as the end of the process does; their threads know relative paths only."""
    for each in gc.get_objects():
        if type(each) is SummaryWriter:  # isinstance asks proxies for their class, which warn
            each.close()


def overlaid(*names: str) -> list[Path]:
    return [shipped()[name] for name in ("unet_cxr", *names)]


def events(folder: Path) -> EventAccumulator:
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0, "tensors": 0})
    accumulator.Reload()
    return accumulator


def values(folder: Path, tag: str) -> list[float]:
    return [event.value for event in events(folder).Scalars(tag)]


def table(path: Path) -> dict[str, float]:
    """Image name -> number of one of the per-image tables."""
    with path.open(newline="") as file:
        return {Path(row["filename"]).stem: float(row["mean"]) for row in csv.DictReader(file)}


def weights(path: Path) -> dict[str, torch.Tensor]:
    """Of any checkpoint of a run."""
    checkpoint: dict[str, Any] = torch.load(path, weights_only=True)
    model: dict[str, torch.Tensor] = checkpoint["model"]
    return model
