"""TensorBoard logging with the same tags for training and validation, so that one chart shows both curves."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from ignite.engine import Engine, Events
from monai.utils.misc import is_scalar
from torch.utils.tensorboard import SummaryWriter

from cxrtk.training.event_files import make_way
from cxrtk.training.pictures import captioned
from cxrtk.training.processes import is_first, sum_of_all

logger = logging.getLogger(__name__)


class CurveHandler:
    """Write one engine's metrics and images after each epoch.

    Tags: ``loss`` and ``metric/<name>`` from the engine's metrics, ``images_per_second``, ``overlay/<n>``
    (the first images of the epoch with the outlines of truth and prediction, see `captioned`), ``lr``, and
    ``config`` as text once. Among several processes, only the first writes, and it shows its own images.

    Args:
        log_dir: ``runs/<run>/train`` or ``runs/<run>/validation``.
        overlays: Number of images per epoch.
        settings: Content of ``config``; ``None`` for no such tag.
        optimizer: Optimizer; ``lr`` is its learning rate at the end of the epoch. ``None`` for no such tag.
    """

    def __init__(
        self,
        log_dir: str,
        overlays: int = 4,
        settings: Mapping[str, Any] | None = None,
        optimizer: torch.optim.Optimizer | None = None,
    ) -> None:
        self.log_dir = log_dir
        self.overlays = overlays
        self.settings = settings
        self.optimizer = optimizer
        self._writer: SummaryWriter | None = None
        self._broken = False
        self._images = 0
        self._started = 0.0

    def writer(self, epoch: int) -> SummaryWriter:
        """Return the writer, opened on first use, so that parsing a config leaves no folder behind.

        Entries of `epoch` and later from a killed run are purged, since those epochs are run again.
        """
        if self._writer is None:
            make_way(Path(self.log_dir))
            self._writer = SummaryWriter(self.log_dir, purge_step=epoch)
            if self.settings is not None:
                text = json.dumps(self.settings, indent=2, default=str)
                self._writer.add_text("config", "    " + text.replace("\n", "\n    "))  # indented: verbatim
        return self._writer

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`, which must output a decollated list of dicts (image, label, pred)."""
        engine.add_event_handler(Events.EPOCH_STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._iteration)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._epoch)

    def _start(self, engine: Engine) -> None:
        self._images, self._started = 0, time.perf_counter()

    def _iteration(self, engine: Engine) -> None:
        output: Any = engine.state.output
        if self._images == 0 and is_first():
            self._safely(self._show, engine)
        self._images += len(output)

    def _show(self, engine: Engine) -> None:
        output: Any = engine.state.output
        epoch = engine.state.epoch
        for index, item in enumerate(output[: self.overlays]):
            image, truth, pred = (_values(item[key]) for key in ("image", "label", "pred"))
            stem = PurePath(str(getattr(item["image"], "meta", {}).get("filename_or_obj", ""))).stem
            picture = captioned(image[0], truth > 0.5, pred > 0.5, stem)
            self.writer(epoch).add_image(f"overlay/{index}", picture, epoch, dataformats="HWC")

    def _epoch(self, engine: Engine) -> None:
        device = getattr(engine.state, "device", "cpu")
        self._images = int(sum_of_all(torch.tensor(self._images, device=device)))
        if is_first():
            self._safely(self._write, engine)

    def _safely(self, write: Callable[[Engine], None], engine: Engine) -> None:
        """Write, and on a full disk log an error and drop the curves instead of ending the training."""
        if self._broken:
            return
        try:
            write(engine)
        except OSError as error:
            self._broken = True
            logger.warning(
                "%s: cannot be written (%s); training continues without curves.", self.log_dir, error
            )

    def _write(self, engine: Engine) -> None:
        epoch = engine.state.epoch
        writer = self.writer(epoch)
        scalars = {name: value for name, value in engine.state.metrics.items() if is_scalar(value)}
        for name, value in scalars.items():
            writer.add_scalar("loss" if name == "loss" else f"metric/{name}", value, epoch)
        seconds = time.perf_counter() - self._started
        writer.add_scalar("images_per_second", self._images / seconds, epoch)
        if self.optimizer is not None:
            writer.add_scalar("lr", self.optimizer.param_groups[0]["lr"], epoch)
        writer.flush()


def _values(tensor: Any) -> npt.NDArray[np.float32]:
    """Return a (C, H, W) tensor as an array on the CPU."""
    values: npt.NDArray[np.float32] = np.asarray(tensor.detach().cpu(), dtype=np.float32)
    return values
