"""bfloat16 autocast on CPUs; MONAI's engines support only CUDA autocast."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import torch
from monai.inferers.inferer import SimpleInferer

from cxrtk.errors import ConfigError
from cxrtk.process.device import cpu_has_bf16


class AutocastInferer(SimpleInferer):
    """`SimpleInferer` with channels-last input and, on a CPU that supports it, bfloat16 autocast.

    Measured on two AVX512-BF16 cores, a training step of the paper's network takes less than half the time
    of plain fp32 (`benchmarks/training_step.py`). On CUDA the engine's own ``amp`` applies (float16 with a
    scaled loss), or bfloat16 where `bf16` is ``True``, which needs no scaling: set ``amp`` to ``False`` with
    it.

    Args:
        bf16: ``None`` uses bfloat16 if `cpu_has_bf16`, unless the environment variable ``CXRTK_BF16=0`` or
            ``1`` overrides this for the whole process; ``True`` or ``False`` override both.
    """

    def __init__(self, bf16: bool | None = None) -> None:
        super().__init__()
        asked = os.environ.get("CXRTK_BF16")
        if bf16 is None and asked is not None:
            if asked not in ("0", "1"):
                raise ValueError(f"CXRTK_BF16 must be 0 or 1, not {asked!r}.")
            bf16 = asked == "1"
        self.on_gpu = bf16 is True  # only where asked: the engine's amp is float16 with a scaler
        self.bf16 = cpu_has_bf16() if bf16 is None else bf16

    def __call__(
        self, inputs: torch.Tensor, network: Callable[..., torch.Tensor], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Run the network on (B, C, H, W) and return its output as float32.

        Raises:
            ConfigError: The network cannot process this image size, such as one too small for its
                downsampling.
        """
        try:
            return self._infer(inputs, network, *args, **kwargs)
        except ValueError as error:
            height, width = inputs.shape[-2:]
            raise ConfigError(
                f"The network does not take images of {height} x {width} pixels ({error}); choose another "
                "image_size: multiples of 16, at least 64, work with every shipped network."
            ) from error

    def _infer(
        self, inputs: torch.Tensor, network: Callable[..., torch.Tensor], *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        device = inputs.device.type
        # A MetaTensor would propagate its metadata through every layer.
        plain = torch.as_tensor(inputs).as_subclass(torch.Tensor)
        plain = plain.contiguous(memory_format=torch.channels_last)
        if device != "cpu" and not self.on_gpu:
            return network(plain, *args, **kwargs)  # under the engine's own autocast, if any
        with torch.autocast(device, dtype=torch.bfloat16, enabled=self.bf16 or device != "cpu"):
            output = network(plain, *args, **kwargs)
        return output.float()
