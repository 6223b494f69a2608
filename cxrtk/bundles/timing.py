"""Benchmark of the training bundle on each device, for `cxrtk bench`.

The paper states that its network is 3.0 times as fast on a GPU as on a CPU, but not what was timed. Here
training and inference are timed, each in two scopes: the network alone, on a batch that is already on the
device; and from the files on, including the reader and transforms of the bundle.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from monai.bundle.config_parser import ConfigParser
from monai.data.dataloader import DataLoader
from monai.data.dataset import Dataset
from monai.transforms.compose import Compose
from monai.transforms.transform import MapTransform
from torch import nn
from torch.utils.data import RandomSampler

from cxrtk.bundles.shipped import shipped
from cxrtk.errors import ConfigError
from cxrtk.process.device import cpu_has_bf16
from cxrtk.process.machine import host
from cxrtk.registry import networks
from cxrtk.training import AutocastInferer
from cxrtk.training.timing import Rate, rate

PATTERN = "unet_cxr"
TRAINING, INFERENCE = TASKS = ("training", "inference")
MODEL_ONLY, END_TO_END = SCOPES = ("model only", "end to end")
PAPER_RATIO = 3.0  # speed of the GPU relative to the CPU, from the paper
ENDLESS = 2**31  # number of draws from the images of a data set

Batch = Mapping[str, torch.Tensor]
Rates = dict[str, dict[str, Rate]]  # task -> scope -> rate


@dataclass(frozen=True)
class Setup:
    """Settings of the benchmark.

    Attributes:
        network: Name of a segmentation network plugin.
        image_size: Rows and columns of the network input.
        batch_size: Number of images per step.
        in_channels: Input channels of the network; the grey image is repeated.
        workers: Worker processes that load images; 0 loads them between steps, as the bundle does.
        seconds: Duration per task, scope and device, in seconds.
        amp: Use mixed precision as the bundle does: bfloat16 on a CPU that supports it, float16 on a GPU.

    Raises:
        ConfigError: An argument is out of range.
        PluginError: The network does not exist.
    """

    network: str = "paper_unet"
    image_size: int = 256
    batch_size: int = 16
    in_channels: int = 3
    workers: int = 0
    seconds: float = 60.0
    amp: bool = True

    def __post_init__(self) -> None:
        for name in ("image_size", "batch_size", "in_channels", "seconds"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be above 0, not {getattr(self, name)}.")
        if self.workers < 0:
            raise ConfigError(f"workers must be 0 or more, not {self.workers}.")
        networks.get(self.network)  # fails here for an unknown network, instead of inside MONAI


@dataclass(frozen=True)
class Measured:
    """Throughput of one device.

    Attributes:
        device: ``cpu`` or ``cuda:0``.
        name: Name of the processor, from its vendor.
        precision: Numeric precision of the network.
        threads: Number of torch threads, on a CPU.
        rates: Images per second, by task and scope.
    """

    device: str
    name: str
    precision: str
    threads: int | None
    rates: Rates


def present() -> list[str]:
    """List the CPU and the CUDA devices of this machine."""
    return ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]


def measure(
    setup: Setup, device: str, data: Path, *, report: Callable[[float], None] = lambda seconds: None
) -> Measured:
    """Time both tasks in both scopes on one device.

    Args:
        setup: Settings of the benchmark.
        device: Device from `present`.
        data: Folder of images with masks, in the layout of the bundle's reader.
        report: Called after each step with the seconds that passed; per task and scope these sum to
            `seconds`.

    Raises:
        ConfigError: The network does not fit the images or is no segmentation network, or memory is
            insufficient.
    """
    where = torch.device(device)
    try:
        with deterministic():
            rates = _rates(Workload(setup, where, data), setup, report)
    except torch.OutOfMemoryError as error:
        raise ConfigError(
            f"{device} has too little memory for batches of {setup.batch_size}; choose a smaller "
            "--batch-size."
        ) from error
    on_cpu = where.type == "cpu"
    return Measured(
        device=device,
        name=str(host()["cpu"]) if on_cpu else torch.cuda.get_device_name(where),
        precision=precision(where, setup.amp),
        threads=torch.get_num_threads() if on_cpu else None,
        rates=rates,
    )


@contextmanager
def deterministic() -> Iterator[None]:
    """Set the GPU options of `monai.utils.set_determinism`, as a bundle run does; restore them afterwards."""
    before = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    try:
        yield
    finally:
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = before


def ratios(measured: Sequence[Measured]) -> dict[str, dict[str, dict[str, float]]]:
    """Return each device's speed relative to the CPU: device -> task -> scope -> ratio of the medians.

    Without a CPU, the reference is the first device. The result is empty if there is only one device.
    """
    base = next((each for each in measured if each.device == "cpu"), measured[0])
    return {
        each.device: {
            task: {scope: each.rates[task][scope].median / base.rates[task][scope].median for scope in SCOPES}
            for task in TASKS
        }
        for each in measured
        if each is not base
    }


def precision(device: torch.device, amp: bool) -> str:
    """Return the numeric precision of a network on a device."""
    if device.type == "cpu":
        return "bfloat16 (autocast)" if amp and cpu_has_bf16() else "float32"
    if amp:
        return "float16 (autocast)"
    return "float32 (TF32 in convolutions)" if torch.backends.cudnn.allow_tf32 else "float32"


class Workload:
    """Components of the training bundle, instantiated for one device.

    Args:
        setup: Settings of the benchmark.
        device: Device of the network.
        data: Folder of images with masks.
    """

    def __init__(self, setup: Setup, device: torch.device, data: Path) -> None:
        self.device = device
        parts = _bundle(setup, device, data)
        self.network: nn.Module = parts.get_parsed_content("network")
        self.loss: nn.Module = parts.get_parsed_content("loss_function")
        self.optimizer: torch.optim.Optimizer = parts.get_parsed_content("optimizer")
        self.inferer = AutocastInferer(bf16=None if setup.amp else False)
        self.amp = setup.amp and device.type == "cuda"  # on a CPU, the inferer handles it
        self.scaler = torch.GradScaler(device.type, enabled=self.amp)
        self.loaders = {
            TRAINING: _endless(parts.get_parsed_content("train#dataset"), setup),
            INFERENCE: _endless(_images_only(parts), setup),
        }
        self._check(setup)

    def _check(self, setup: Setup) -> None:
        x = torch.zeros(1, setup.in_channels, setup.image_size, setup.image_size, device=self.device)
        with torch.no_grad():
            logits = self.inferer(x, self.network.eval())
        if logits.shape != (1, 1, *x.shape[2:]):
            raise ConfigError(
                f"Network {setup.network!r} gives {tuple(logits.shape)} for an image of {tuple(x.shape)}: no "
                "mask of its size; name one that segments by --network."
            )

    def train(self, batch: Batch) -> None:
        """Run one optimiser step, as in MONAI's `SupervisedTrainer`."""
        self.network.train()
        image, label = batch["image"].to(self.device), batch["label"].to(self.device)
        self.optimizer.zero_grad()
        with torch.autocast(self.device.type, enabled=self.amp):
            loss = self.loss(self.inferer(image, self.network), label)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()

    @torch.no_grad()
    def infer(self, batch: Batch) -> torch.Tensor:
        """Segment a batch; return the masks on the CPU."""
        self.network.eval()
        with torch.autocast(self.device.type, enabled=self.amp):
            logits = self.inferer(batch["image"].to(self.device), self.network)
        return (torch.sigmoid(logits) >= 0.5).cpu()

    def synchronise(self) -> None:
        """Wait until the device has finished its work."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def on_device(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Move a batch to the device, as plain tensors."""
        return {name: value.as_subclass(torch.Tensor).to(self.device) for name, value in batch.items()}


def _rates(work: Workload, setup: Setup, report: Callable[[float], None]) -> Rates:
    rates: Rates = {}
    for task, do in ((TRAINING, work.train), (INFERENCE, work.infer)):
        batches: Iterator[Batch] = iter(work.loaders[task])
        ready = work.on_device(next(batches))
        together = max(1, setup.workers)  # since batches of several workers arrive in bursts
        steps = {
            MODEL_ONLY: (partial(do, ready), 1),
            END_TO_END: (partial(_work_through, do, batches, together), together),
        }
        rates[task] = {
            scope: rate(
                step,
                count * setup.batch_size,
                seconds=setup.seconds,
                synchronise=work.synchronise,
                report=report,
            )
            for scope, (step, count) in steps.items()
        }
    return rates


def _work_through(do: Callable[[Batch], object], batches: Iterator[Batch], count: int) -> None:
    for _ in range(count):
        do(next(batches))


def _bundle(setup: Setup, device: torch.device, data: Path) -> ConfigParser:
    """Load the shipped training config with these settings; its components are instantiated on access."""
    parser = ConfigParser(json.loads(shipped()[PATTERN].read_text(encoding="utf-8")))
    settings: dict[str, Any] = {
        "dataset_dir": str(data),
        "run_dir": "",  # no run, so nothing is saved
        "image_size": setup.image_size,
        "in_channels": setup.in_channels,
        "batch_size": setup.batch_size,
        "cache_gb": 0.0,
        "device": str(device),
        "network_def#name": setup.network,
        "train#dataset#progress": False,
    }
    for name, value in settings.items():
        parser[name] = value
    return parser


def _images_only(parts: ConfigParser) -> Dataset:
    """Return the test images with their own transforms, without the transforms of labels."""
    steps = parts.get_parsed_content("test#preprocessing").transforms
    kept = [step for step in steps if not (isinstance(step, MapTransform) and step.keys == ("label",))]
    entries = parts.get_parsed_content("datalists").test
    return Dataset([{"image": entry["image"]} for entry in entries], Compose(kept))


def _endless(dataset: Dataset, setup: Setup) -> DataLoader:
    """Return endless batches of randomly drawn images."""
    sampler = RandomSampler(dataset, replacement=True, num_samples=ENDLESS)
    return DataLoader(dataset, batch_size=setup.batch_size, sampler=sampler, num_workers=setup.workers)
