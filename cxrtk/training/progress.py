"""Progress bar for a MONAI engine: Ignite's, with the loss shown beside it."""

from __future__ import annotations

from typing import Any

from ignite.engine import Engine
from ignite.handlers import ProgressBar
from monai.handlers.utils import from_engine

from cxrtk.training.epoch_log import quieten
from cxrtk.training.processes import is_first


class Progress:
    """Show the iterations of each epoch on a terminal; silent if the output is a file.

    Among several processes, only the first shows its progress.

    The engine's own log lines are dropped, see `cxrtk.training.epoch_log`.

    Args:
        desc: Text before the bar.
        loss: Whether the engine's output holds ``"loss"``.
    """

    def __init__(self, desc: str, loss: bool = False) -> None:
        self.loss = loss
        # tqdm's disable=None: no bar where stderr is not a terminal.
        self.bar = ProgressBar(desc=desc, persist=False, disable=None)

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`."""
        quieten(engine)
        if not is_first():
            return
        self.bar.attach(engine, output_transform=_loss if self.loss else None)


def _loss(output: Any) -> dict[str, float]:
    return {"loss": from_engine(["loss"], first=True)(output)}
