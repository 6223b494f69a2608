"""A small training in a process of its own, with a fault built in.

It runs what a bundle runs: `open_run`, `guard_process`, `TrainHandlers` and `finish`.
"""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Events
from monai.data import DataLoader, Dataset, MetaTensor
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import IgniteMetricHandler, from_engine
from monai.optimizers import WarmupCosineSchedule
from monai.transforms import Activationsd, AsDiscreted, Compose, Lambdad, RandFlipd, RandGaussianNoised
from monai.utils import set_determinism

from cxrtk import metrics
from cxrtk.training import TrainHandlers, ValidationHandlers, finish, guard_process, open_run

ITEMS, SIZE, BATCH = 12, 16, 4


@dataclass(frozen=True)
class Plan:
    """One training: where, how long, and what goes wrong in it."""

    folder: str
    epochs: int = 4
    workers: int = 0
    resume: str = ""
    run_name: str = "a"
    seed: int = 0
    width: int = 4
    learning_rate: float = 0.01
    patience: int = 0
    tolerant: bool = False  # go on after a validation without a number
    fault: str = ""  # name of a function in faults.py
    arguments: Mapping[str, Any] = field(default_factory=dict)


def load(path: str) -> MetaTensor:
    """An image from its file; the hook of faults in reading."""
    return MetaTensor(torch.load(path, weights_only=True), meta={"filename_or_obj": path})


def images(folder: Path) -> list[dict[str, str]]:
    """Bright squares in noise, as files, with the squares as labels."""
    folder.mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(0)
    items = []
    for number in range(ITEMS):
        label = torch.zeros(1, SIZE, SIZE)
        label[:, 3 : 8 + number % 4, 4:12] = 1
        image = label + 0.3 * torch.rand(1, SIZE, SIZE, generator=generator)
        item = {"image": str(folder / f"{number}.pt"), "label": str(folder / f"{number}_mask.pt")}
        for key, tensor in (("image", image), ("label", label)):
            if not Path(item[key]).exists():
                torch.save(tensor, f"{item[key]}.part")
                os.replace(f"{item[key]}.part", item[key])  # noqa: PTH105 - not counted by kill_at_rename
        items.append(item)
    return items


class Net(torch.nn.Sequential):
    """A network with everything that has a state: convolutions, batch norm, dropout."""

    def __init__(self, width: int) -> None:
        super().__init__(
            torch.nn.Conv2d(1, width, 3, padding=1),
            torch.nn.BatchNorm2d(width),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.2),
            torch.nn.Conv2d(width, 1, 3, padding=1),
        )


def build(plan: Plan, run_dir: str) -> SupervisedTrainer:
    """Trainer and evaluator with all handlers, as the bundle makes them."""
    read = Lambdad(["image", "label"], load_by_name)
    augment = [RandFlipd(["image", "label"], prob=0.5), RandGaussianNoised("image", prob=0.5, std=0.1)]
    items = images(Path(plan.folder) / "images")
    data = {
        "train": Dataset(items[:9], Compose([read, *augment])),
        "validation": Dataset(items[9:], Compose([read])),
    }
    loaders = {
        part: DataLoader(each, batch_size=BATCH, shuffle=part == "train", num_workers=plan.workers)
        for part, each in data.items()
    }
    network = Net(plan.width)
    optimizer = torch.optim.Adam(network.parameters(), lr=plan.learning_rate)
    post = Compose([Activationsd("pred", sigmoid=True), AsDiscreted("pred", threshold=0.5)])
    dice = {
        "dice": IgniteMetricHandler(
            metric_fn=metrics.create("dice"), output_transform=from_engine(["pred", "label"])
        )
    }
    evaluator = SupervisedEvaluator(
        device="cpu",
        val_data_loader=loaders["validation"],
        network=network,
        postprocessing=post,
        key_val_metric=dice,
        val_handlers=[ValidationHandlers(run_dir, overlays=0)],
    )
    steps = len(loaders["train"])
    handlers = TrainHandlers(
        run_dir,
        network,
        optimizer,
        evaluator,
        lr_scheduler=WarmupCosineSchedule(optimizer, warmup_steps=steps, t_total=plan.epochs * steps),
        early_stop_patience=plan.patience,
        seed=plan.seed,
        overlays=0,
        stop_at_nonfinite_metric=not plan.tolerant,
        settings={"seed": plan.seed, "width": plan.width, "learning_rate": plan.learning_rate},
    )
    return SupervisedTrainer(
        device="cpu",
        max_epochs=plan.epochs,
        train_data_loader=loaders["train"],
        network=network,
        optimizer=optimizer,
        loss_function=torch.nn.BCEWithLogitsLoss(),
        train_handlers=[handlers],
    )


def load_by_name(path: str) -> MetaTensor:
    """Call `load` by its name, so that a fault can stand in for it."""
    return load(path)


def train(plan: Plan) -> None:
    """The whole life of a run."""
    guard_process()
    set_determinism(plan.seed)
    run_dir = open_run("runs", "tiny", "" if plan.resume else plan.run_name, plan.resume, plan.epochs)
    trainer = build(plan, run_dir)
    trainer.add_event_handler(
        Events.EPOCH_COMPLETED, lambda: print(f"epoch {trainer.state.epoch} done", flush=True)
    )
    trainer.run()
    finish(run_dir)


def child(plan: Plan, output: str) -> None:
    """The forked process: everything it writes goes to a file, every error to one line and a code."""
    handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.chdir(plan.folder)
    if plan.fault:
        getattr(importlib.import_module("faults"), plan.fault)(**plan.arguments)
    train(plan)


def kill() -> None:
    """As the kernel does when memory is short, or a user who is out of patience."""
    os.kill(os.getpid(), signal.SIGKILL)
