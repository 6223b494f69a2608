"""Training by several processes, started by `torchrun` on the GPUs of one machine or of many."""

from __future__ import annotations

import logging
import os
from datetime import timedelta

import torch
from torch import distributed

from cxrtk.errors import ConfigError
from cxrtk.process import group
from cxrtk.process.device import check_device

TIMEOUT = timedelta(minutes=30)  # limit of one exchange, during which the slowest process may read its images

logger = logging.getLogger(__name__)


def device_of_process() -> torch.device:
    """Return the GPU with this process's local rank; the CPU if there is no GPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def is_first() -> bool:
    """Return whether this is the first or only process of the training; only the first one writes."""
    return group.is_first()


def processes() -> int:
    """Return the number of processes of this training, on all machines together."""
    return group.Group.size


def processes_of_machine() -> int:
    """Return the number of processes of this training on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1")) if processes() > 1 else 1


def join_processes(device: torch.device | str) -> None:
    """Form a group with the other processes of ``torchrun``, using NCCL on GPUs and gloo on CPUs.

    Nothing is done if there are no others. Only the first process logs information; all log warnings.

    Args:
        device: Device of this process.

    Raises:
        ConfigError: The processes cannot connect, or this machine has more processes than GPUs.
    """
    size = int(os.environ.get("WORLD_SIZE") or "1")
    if size == 1 or distributed.is_initialized():
        return
    device = torch.device(device)
    try:
        store, rank, size = next(distributed.rendezvous("env://", timeout=TIMEOUT))
        group.join(rank, size, store.clone())  # a separate connection, since torch's waits block the other
        check_device(str(device))
        if device.type == "cuda":
            torch.cuda.set_device(device)
        distributed.init_process_group(
            "nccl" if device.type == "cuda" else "gloo",
            store=store,
            rank=rank,
            world_size=size,
            timeout=TIMEOUT,
        )
    except (ValueError, distributed.DistError) as error:
        said = " ".join(str(error).split())
        raise ConfigError(
            f"The processes of this training cannot meet: {said}; start it by torchrun."
        ) from error
    if rank > 0:
        logging.disable(logging.INFO)
    logger.info("%d processes train; batch_size applies to each of them.", size)


def leave_processes() -> None:
    """Wait for the other processes, and leave the group; do nothing if there are none."""
    if group.Group.size == 1:
        return
    wait_for_all()
    logging.disable(logging.NOTSET)
    distributed.destroy_process_group()
    group.leave()


def wait_for_all() -> None:
    """Wait until all processes have reached this point; return at once if this is the only one."""
    if group.Group.size > 1:
        distributed.barrier()


def parallel(network: torch.nn.Module, device: torch.device | str) -> torch.nn.Module:
    """Return the network on its device, wrapped in `DistributedDataParallel` for several processes.

    Batch norms are synchronised over the images of all processes. torch supports this on GPUs only; on CPUs
    each process uses its own images, and a warning says so. (Among the shipped networks, only ``chexnet`` has
    batch norms.)

    Args:
        network: Network, the same in all processes.
        device: Device of this process.
    """
    network = network.to(device)
    if group.Group.size == 1:
        return network
    if torch.device(device).type == "cuda":
        network = torch.nn.SyncBatchNorm.convert_sync_batchnorm(network)
    elif any(isinstance(part, torch.nn.modules.batchnorm._BatchNorm) for part in network.modules()):
        logger.warning("On CPUs the batch norms of this network use the images of each process separately.")
    return torch.nn.parallel.DistributedDataParallel(network)


def sum_of_all(values: torch.Tensor) -> torch.Tensor:
    """Return the sum of a tensor over all processes, without a gradient."""
    if group.Group.size == 1:
        return values.detach()
    total = values.detach().clone()
    distributed.all_reduce(total)
    return total
