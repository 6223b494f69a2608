"""Tracking of a run by MLflow or Weights & Biases, through the handlers of MONAI and Ignite.

Neither package is imported before a training starts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events
from ignite.handlers import global_step_from_engine
from monai.utils.misc import is_scalar

from cxrtk.errors import ConfigError
from cxrtk.training.flat_config import is_plain
from cxrtk.training.processes import is_first

LEFT_OUT = ("command", "max_epochs")  # settings that change when a run is resumed


def require_package(name: str) -> None:
    """Check that the package of an extra is installed.

    Args:
        name: Name of the package and of the extra: ``mlflow`` or ``wandb``.

    Raises:
        ConfigError: The package is not installed.
    """
    if find_spec(name) is None:
        raise ConfigError(
            f"Tracking needs the package {name}, which is not installed: pip install 'cxrtk[{name}]'"
        )


class _Tracking:
    """Tracking of a trainer's epochs, its validations and the test, as one run of a project.

    Args:
        run_dir: Folder of the run; the tracked run has the same name.
        project: Name under which runs are kept together.
        validator: Evaluator of the validations.
        tester: Evaluator of the test, after which the tracked run is closed.
        settings: Settings of the run; only plain values are tracked.
    """

    def __init__(
        self,
        run_dir: str,
        project: str,
        validator: Any,
        tester: Any,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.run_dir = Path(run_dir)
        self.project = project
        self.validator = validator
        self.tester = tester
        known = (settings or {}).items()
        self.settings = {key: value for key, value in known if key not in LEFT_OUT and is_plain(value)}

    def attach(self, engine: Engine) -> None:
        """Attach to `engine`, a MONAI trainer; among several processes, only the first tracks.

        Raises:
            ConfigError: The package is not installed; raised when the engine starts.
        """
        if is_first():
            engine.add_event_handler(Events.STARTED, self._start)

    def _start(self, engine: Engine) -> None:
        raise NotImplementedError


class MlflowTracking(_Tracking):
    """Track a run by MLflow, through MONAI's `MLFlowHandler`: metrics ``train/dice`` and so on.

    The server is given by ``MLFLOW_TRACKING_URI``; the default is an SQLite database beside the runs,
    ``runs/mlruns.db``. A resumed run continues the tracked one. Arguments are those of the base class; plain
    settings become parameters of the tracked run.
    """

    _handler: Any = None

    def _start(self, engine: Engine) -> None:
        require_package("mlflow")
        from monai.handlers.mlflow_handler import MLFlowHandler
        from monai.utils.misc import path_to_sqlite_uri

        self._handler = MLFlowHandler(
            tracking_uri=path_to_sqlite_uri(str(self.run_dir.parent / "mlruns.db")),
            experiment_name=self.project,
            run_name=self.run_dir.name,
            iteration_log=False,
        )
        self._handler.start(engine)
        client, run = self._handler.client, self._handler.cur_run.info.run_id
        known = client.get_run(run).data.params
        for key, value in self.settings.items():
            if key not in known:  # MLflow does not allow a parameter to change
                client.log_param(run, key, value)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._log, "train")
        self.validator.add_event_handler(Events.EPOCH_COMPLETED, self._log, "validation")
        self.tester.add_event_handler(Events.EPOCH_COMPLETED, self._log, "test")
        self.tester.add_event_handler(Events.COMPLETED, self._close)

    def _log(self, engine: Engine, part: str) -> None:
        for name, value in _scalars(engine):
            run = self._handler.cur_run.info.run_id
            self._handler.client.log_metric(run, f"{part}/{name}", value, step=engine.state.epoch)

    def _close(self) -> None:
        self._handler.close()


class WandbTracking(_Tracking):
    """Track a run by Weights & Biases, through Ignite's `WandBLogger`: metrics ``train/dice`` and so on.

    Nothing leaves the machine unless ``WANDB_MODE`` is ``online``: the run is stored in ``wandb/`` in its
    folder, and ``wandb sync`` uploads it. Neither code nor the state of git is recorded.
    """

    def _start(self, engine: Engine) -> None:
        require_package("wandb")
        import wandb
        from ignite.handlers.wandb_logger import WandBLogger

        tracked = WandBLogger(
            project=self.project,
            name=self.run_dir.name,
            dir=str(self.run_dir),
            mode=os.environ.get("WANDB_MODE", "offline"),
            config=self.settings,
            settings=wandb.Settings(console="off", disable_git=True, save_code=False, silent=True),
        )
        step = global_step_from_engine(engine)
        parts = {"train": engine, "validation": self.validator, "test": self.tester}
        for part, each in parts.items():
            tracked.attach_output_handler(
                each,
                event_name=Events.EPOCH_COMPLETED,
                tag=part,
                metric_names="all",
                global_step_transform=step,
            )
        self.tester.add_event_handler(Events.COMPLETED, tracked.close)


def _scalars(engine: Engine) -> Iterator[tuple[str, float]]:
    return ((name, float(value)) for name, value in engine.state.metrics.items() if is_scalar(value))
