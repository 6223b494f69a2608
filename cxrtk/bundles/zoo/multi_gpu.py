"""Overlays for training and evaluating a bundle with several ``torchrun`` processes."""

from __future__ import annotations

from typing import Any


def multi_gpu_train() -> dict[str, Any]:
    """Return ``multi_gpu_train.json``, for ``torchrun``; without GPUs its processes use CPUs."""
    return {
        **_several(),
        "train#sampler": _sampler("train", even=True),
        "train#dataloader#sampler": "@train#sampler",
        "train#dataloader#shuffle": False,
        "train#trainer#train_handlers": "$@train#handlers[: None if dist.get_rank() == 0 else -1]",
        "validate#sampler": _sampler("validate", even=False),
        "validate#dataloader#sampler": "@validate#sampler",
        "validate#evaluator#val_handlers": "$@validate#handlers if dist.get_rank() == 0 else None",
    }


def multi_gpu_evaluate() -> dict[str, Any]:
    """Return ``multi_gpu_evaluate.json``, to be laid over ``train.json`` and ``evaluate.json``."""
    return {
        **_several(),
        "validate#sampler": _sampler("validate", even=False),
        "validate#dataloader#sampler": "@validate#sampler",
        "validate#handlers#1#_disabled_": "$dist.get_rank() > 0",
    }


def _several() -> dict[str, Any]:
    """Return the ids that make a process one of several."""
    gpu = "torch.cuda.is_available()"
    return {
        "device": f"$torch.device('cuda', int(os.environ['LOCAL_RANK'])) if {gpu} else torch.device('cpu')",
        "network": {
            "_target_": "torch.nn.parallel.DistributedDataParallel",
            "module": "$@network_def.to(@device)",
            "device_ids": f"$[@device] if {gpu} else None",
        },
        "initialize": [
            f"$dist.is_initialized() or dist.init_process_group('nccl' if {gpu} else 'gloo')",
            f"${gpu} and torch.cuda.set_device(@device)",
            "$monai.utils.set_determinism(seed=123)",
        ],
        "finalize": ["$dist.is_initialized() and dist.destroy_process_group()"],
    }


def _sampler(part: str, *, even: bool) -> dict[str, Any]:
    return {
        "_target_": "DistributedSampler",
        "dataset": f"@{part}#dataset",
        "even_divisible": even,
        "shuffle": even,
    }
