"""Stop a training with non-finite values before they reach a checkpoint."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from ignite.engine import Engine
from monai.engines.utils import IterationEvents
from monai.utils.enums import CommonKeys

from cxrtk.errors import NonFiniteError

NAMED = 16  # file names in a message; the paper's batch size


class NonFiniteGuard:
    """Raise `NonFiniteError` where the loss or the norm of the gradient is NaN or infinite.

    This happens before the optimizer's step, so the weights are still valid. With a gradient scaler (``amp``)
    the scaler itself skips such steps, and only the loss is checked.

    Args:
        network: Network whose gradients are checked.
    """

    def __init__(self, network: torch.nn.Module) -> None:
        self.network = network

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`, a MONAI trainer."""
        engine.add_event_handler(IterationEvents.LOSS_COMPLETED, self._loss)
        engine.add_event_handler(IterationEvents.BACKWARD_COMPLETED, self._gradient)

    def _loss(self, engine: Engine) -> None:
        output: Any = engine.state.output
        loss = float(output[CommonKeys.LOSS].detach())
        if not math.isfinite(loss):
            raise NonFiniteError(_message(f"the loss is {loss}", engine))

    def _gradient(self, engine: Engine) -> None:
        if getattr(engine, "scaler", None) is not None:
            return
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        if not math.isfinite(norm):
            raise NonFiniteError(_message(f"the gradient's norm is {norm}", engine))


def require_finite_weights(network: torch.nn.Module, epoch: int) -> None:
    """Check every floating-point weight and buffer.

    Raises:
        NonFiniteError: One is NaN or infinite; the message names the first.
    """
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise NonFiniteError(f"epoch {epoch}: weight {name} is not finite; {CURE}")


def require_finite_metric(name: str, value: float, epoch: int) -> None:
    """Check the key metric of a validation.

    Raises:
        NonFiniteError: The metric is NaN or infinite.
    """
    if not math.isfinite(value):
        raise NonFiniteError(f"epoch {epoch}: the key metric {name} of the validation is {value}; {CURE}")


CURE = "the last checkpoint is finite: lower the learning rate, or look at the images"


def batch_files(batch: Any) -> list[str]:
    """Names of the image files of a batch: a collated dictionary, or a list of one dictionary per image."""
    items: Iterable[Any] = batch if isinstance(batch, Sequence) else [batch]
    names: list[str] = []
    for item in items:
        image = item.get(CommonKeys.IMAGE) if isinstance(item, Mapping) else None
        found = getattr(image, "meta", {}).get("filename_or_obj", [])
        names += [found] if isinstance(found, str) else [str(name) for name in found]
    return names


def _message(what: str, engine: Engine) -> str:
    files = batch_files(engine.state.batch)
    named = ", ".join(files[:NAMED]) + (f" and {len(files) - NAMED} more" if len(files) > NAMED else "")
    place = f"epoch {engine.state.epoch}, iteration {engine.state.iteration}"
    return f"{place}: {what}; images of the batch: {named or 'not known'}; {CURE}"
