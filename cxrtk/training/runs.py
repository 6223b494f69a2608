"""One folder a run, under ``runs/``."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from cxrtk.errors import ConfigError

logger = logging.getLogger(__name__)


def new_run(output_dir: str, config_name: str, run_name: str = "") -> str:
    """Make ``<output_dir>/<run_name>`` and return its path.

    Args:
        output_dir: Folder of all runs, which ``tensorboard --logdir`` is given.
        config_name: First half of the default name; the second is the time.
        run_name: A name of the user's own, which must not be taken.

    Raises:
        ConfigError: There is such a run already, or the folder cannot be written.
    """
    name = run_name or f"{config_name}-{datetime.now():%Y%m%d-%H%M%S}"
    folder, count = Path(output_dir) / name, 1
    while True:
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if run_name:
                raise ConfigError(
                    f"{folder}: there is a run of this name; choose another --run_name."
                ) from None
            count += 1  # two runs of one config in one second
            folder = Path(output_dir) / f"{name}-{count}"
        except OSError as error:
            raise ConfigError(f"{folder}: cannot make the run's folder: {error.strerror}.") from error
        else:
            break
    logger.info("This run is %s; watch it by: tensorboard --logdir %s", folder, output_dir)
    return str(folder)


def checkpoint_to_evaluate(checkpoint: str) -> str:
    """`checkpoint` itself.

    Raises:
        ConfigError: It is empty or no file.
    """
    if not checkpoint or not Path(checkpoint).is_file():
        named = Path(checkpoint).resolve() if checkpoint else "none is named"
        raise ConfigError(f"No checkpoint to evaluate ({named}); add --checkpoint runs/<run>/best.pt.")
    return checkpoint
