"""Checks before a training that its run can be loaded, exported and evaluated afterwards."""

from __future__ import annotations

import logging
from collections.abc import Sized
from pathlib import Path
from typing import Any

import torch

from cxrtk.errors import ConfigError
from cxrtk.models.network_def import build_network
from cxrtk.models.run_config import CONFIG, RunConfig
from cxrtk.models.run_spec import describe_run
from cxrtk.wording import counted

STATED = ("network_def", "in_channels", "image_size")  # ids that determine the model of a run

logger = logging.getLogger(__name__)


def require_loadable(config: Any, run_dir: Path) -> None:
    """Refuse a config if ``--model`` could not load the trained network, before anything is written or read.

    Nothing is checked without a config, as in a user's own script. A config that lacks one of `STATED`, such
    as a bundle from another source, is trained with a warning.

    Args:
        config: Merged config of the run that is about to begin.
        run_dir: Folder of that run.

    Raises:
        ConfigError: The network is not built from plain values, does not take its images, or has outputs that
            nothing names.
    """
    if not isinstance(config, dict):
        return
    lacking = [name for name in STATED if name not in config]
    if lacking:
        logger.warning("The config has no %s, so that no command can load the model of this run.", lacking[0])
        return
    try:
        with torch.random.fork_rng():  # the numbers drawn for the weights must not change the training
            describe_run(RunConfig(run_dir, content=config), "")
    except ConfigError as error:
        raise ConfigError(f"This model could not be loaded after its training. {error}") from error


def require_stated(run_dir: Path, network: torch.nn.Module) -> None:
    """Refuse to train a network that differs from the run's ``network_def``; see `require_loadable`.

    Args:
        run_dir: Folder of the run, with its config if a bundle started it.
        network: Network to be trained, without a parallel wrapper.

    Raises:
        ConfigError: The weights of the two networks differ in their names or shapes.
    """
    if not (run_dir / CONFIG).is_file():
        return
    config = RunConfig(run_dir)
    if any(name not in config.values for name in STATED):
        return
    with torch.random.fork_rng():
        stated = _shapes(build_network(config.get("network_def")))
    own = _shapes(network)
    if own != stated:
        first = next(name for name in (*own, *stated) if own.get(name) != stated.get(name))
        raise ConfigError(
            "This model could not be loaded after its training: the network is not that of network_def, from "
            f"which it differs in {first}; let network_def be the whole network."
        )


def require_batches(trainer: Any, validator: Any = None) -> None:
    """Refuse data loaders that give no batch, since nothing would be trained or validated.

    Args:
        trainer: MONAI trainer, with its ``data_loader``.
        validator: MONAI evaluator; ``None`` for none.

    Raises:
        ConfigError: One of the loaders is empty.
    """
    for part, engine in (("training", trainer), ("validation", validator)):
        loader = getattr(engine, "data_loader", None)
        if not isinstance(loader, Sized) or len(loader):
            continue
        dataset, size = getattr(loader, "dataset", ()), getattr(loader, "batch_size", None)
        images = len(dataset) if isinstance(dataset, Sized) else 0
        if images:
            raise ConfigError(
                f"The {part} data are {counted(images, 'image')}, fewer than one batch of {size}, and the "
                "last batch is dropped (drop_last); choose a smaller batch_size, or remove drop_last."
            )
        raise ConfigError(f"The {part} data are empty; name more images, or select others of them.")


def _shapes(network: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in network.state_dict().items()}
