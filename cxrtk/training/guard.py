"""Stop a training with non-finite values before they reach a checkpoint."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from ignite.engine import Engine, Events
from monai.engines.utils import IterationEvents
from monai.utils.enums import CommonKeys

from cxrtk.errors import NonFiniteError

NAMED = 16  # file names in a message; the paper's batch size


class NonFiniteGuard:
    """Raise `NonFiniteError` if the loss or the norm of the gradient is NaN or infinite.

    On a CPU the check precedes the optimizer's step, so the weights are still valid. On a GPU this would make
    the process wait for the GPU in each step; therefore the numbers are copied asynchronously and checked one
    step later, or at the end of the epoch. The weights may be invalid by then, but they are not saved before
    the end of an epoch. With a gradient scaler (``amp``), the scaler itself skips steps with such a gradient,
    and only the loss is checked.

    Args:
        network: Network; its gradients are checked.
        later: Whether to check the numbers one step later; ``None`` does so on GPUs only.
    """

    def __init__(self, network: torch.nn.Module, later: bool | None = None) -> None:
        self.network = network
        self.later = later
        self._waiting: _Waiting | None = None

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`, a MONAI trainer."""
        engine.add_event_handler(IterationEvents.LOSS_COMPLETED, self._loss)
        engine.add_event_handler(IterationEvents.BACKWARD_COMPLETED, self._gradient)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._look)

    def _is_later(self, tensor: torch.Tensor) -> bool:
        return tensor.device.type != "cpu" if self.later is None else self.later

    def _loss(self, engine: Engine) -> None:
        loss = _loss_of(engine)
        if not self._is_later(loss):
            _require_finite("the loss is", float(loss), _place(engine), batch_files(engine.state.batch))

    def _gradient(self, engine: Engine) -> None:
        scaled = getattr(engine, "scaler", None) is not None
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        if not any(self._is_later(gradient) for gradient in gradients[:1]):
            if not scaled:
                norm = float(torch.nn.utils.get_total_norm(gradients))
                _require_finite(
                    "the gradient's norm is", norm, _place(engine), batch_files(engine.state.batch)
                )
            return
        loss = _loss_of(engine)
        self._look(engine)  # numbers of the previous step, which have arrived by now
        total = torch.zeros_like(loss) if scaled else torch.nn.utils.get_total_norm(gradients)
        self._waiting = _Waiting.of(torch.stack([loss.float(), total.float()]), engine)

    def _look(self, _: Engine) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            for what, value in zip(("the loss is", "the gradient's norm is"), waiting.numbers(), strict=True):
                _require_finite(what, value, waiting.place, batch_files(waiting.batch))


@dataclass(frozen=True)
class _Waiting:
    """Loss and gradient norm of one step while they are copied from the GPU, with the step's identity."""

    values: torch.Tensor  # (2,) in host memory
    arrived: torch.cuda.Event | None
    place: str
    batch: Any

    @classmethod
    def of(cls, values: torch.Tensor, engine: Engine) -> _Waiting:
        on_gpu = values.device.type == "cuda"
        host = torch.empty(2, pin_memory=on_gpu)
        host.copy_(values, non_blocking=True)
        arrived = torch.cuda.Event() if on_gpu else None
        if arrived is not None:
            arrived.record()
        return cls(host, arrived, _place(engine), engine.state.batch)

    def numbers(self) -> list[float]:
        if self.arrived is not None:
            self.arrived.synchronize()  # waits for a copy that began one step ago
        numbers: list[float] = self.values.numpy().tolist()
        return numbers


def _loss_of(engine: Engine) -> torch.Tensor:
    output: Any = engine.state.output
    loss: torch.Tensor = output[CommonKeys.LOSS].detach()
    return loss


def require_finite_weights(network: torch.nn.Module, epoch: int) -> None:
    """Check every floating-point weight and buffer.

    Raises:
        NonFiniteError: A value is NaN or infinite; the message names the first such tensor.
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


CURE = "the last checkpoint is finite: lower the learning rate, or check the images"


def batch_files(batch: Any) -> list[str]:
    """Return the image file names of a batch: a collated dict, or a list with one dict per image."""
    items: Iterable[Any] = batch if isinstance(batch, Sequence) else [batch]
    names: list[str] = []
    for item in items:
        image = item.get(CommonKeys.IMAGE) if isinstance(item, Mapping) else None
        found = getattr(image, "meta", {}).get("filename_or_obj", [])
        names += [found] if isinstance(found, str) else [str(name) for name in found]
    return names


def _place(engine: Engine) -> str:
    return f"epoch {engine.state.epoch}, iteration {engine.state.iteration}"


def _require_finite(what: str, value: float, place: str, files: Sequence[str]) -> None:
    if math.isfinite(value):
        return
    named = ", ".join(files[:NAMED]) + (f" and {len(files) - NAMED} more" if len(files) > NAMED else "")
    raise NonFiniteError(f"{place}: {what} {value}; images of the batch: {named or 'not known'}; {CURE}")
