"""TensorBoard's tab HPARAMS, read by its own backend."""

import errno
import json
import logging
import os

import pytest
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups
from torch.utils.tensorboard import SummaryWriter

from cxrtk.training import hparams, record
from cxrtk.training.hparams import write_hparams


def make_run(folder, name="a", **config):
    """A complete run with curves, a test, and a config."""
    run = folder / name
    run.mkdir(parents=True)
    record.begin(run, number=1, config_name="unet_cxr", max_epochs=2, command=[])
    settings = {"command": "cxrtk", "data": "0f", "seed": 3, "labels": "exact", "images": {"test": 1}}
    record.update(run, {"settings": settings, "key_metric": "dice", "best_metric": 0.75})
    (run / "config.json").write_text(json.dumps({"folds": 0, **config}))
    report = {"metrics": {"dice": 0.5, "iou": 0.25}, "images": 1, "truth": "exact"}
    (run / "test_metrics.json").write_text(json.dumps(report))
    with SummaryWriter(str(run / "validation")) as writer:
        writer.add_scalar("metric/dice", 0.7, 1)
    return run


def groups(folder):
    """Rows of the tab: settings and metrics by name."""
    multiplexer = EventMultiplexer().AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    provider = MultiplexerDataProvider(multiplexer, str(folder))
    context = backend_context.Context(TBContext(data_provider=provider))
    asked = RequestContext()
    experiment = context.experiment_from_metadata(
        asked,
        "",
        True,
        context.hparams_metadata(asked, ""),
        context.hparams_from_data_provider(asked, "", 99),
    )
    request = api_pb2.ListSessionGroupsRequest(
        allowed_statuses=[api_pb2.STATUS_SUCCESS],
        slice_size=100,
        col_params=[api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos],
    )
    handler = list_session_groups.Handler(asked, context, "", request)
    return {
        group.sessions[0].name: (
            {name: value.number_value or value.string_value for name, value in group.hparams.items()},
            {each.name.tag: each.value for each in group.metric_values if not each.name.group},
        )
        for group in handler.run().session_groups
    }


def test_a_run_is_a_row_with_its_settings_and_final_metrics(tmp_path):
    """Named by the run, with its plain settings, those of the optimizer, and three metrics."""
    make = {"optimizer": {"_target_": "Adam", "lr": 0.25, "params": "$x"}, "cache_gb": 4.0}
    write_hparams(make_run(tmp_path, "a", **make))
    write_hparams(make_run(tmp_path, "b"))
    rows = groups(tmp_path)
    assert set(rows) == {"a", "b"}
    settings, metrics = rows["a"]
    assert settings == {
        "seed": 3,
        "labels": "exact",
        "optimizer#_target_": "Adam",
        "optimizer#lr": 0.25,
        "folds": "",
    }
    assert metrics == pytest.approx({"best/dice": 0.75, "test/dice": 0.5, "test/iou": 0.25})


def test_a_resumed_run_is_one_row_with_its_last_metrics(tmp_path):
    """Written twice, there is one file of events in the folder, and the second metrics."""
    run = make_run(tmp_path)
    write_hparams(run)
    record.update(run, {"best_metric": 0.875})
    write_hparams(run)
    assert len(list(run.glob("events.out.*"))) == 1
    assert groups(tmp_path)["a"][1]["best/dice"] == pytest.approx(0.875)


def test_the_curves_of_the_run_stay(tmp_path):
    """Only the event file in the run's own folder is replaced."""
    run = make_run(tmp_path)
    before = sorted(path.name for path in (run / "validation").iterdir())
    write_hparams(run)
    assert sorted(path.name for path in (run / "validation").iterdir()) == before


def test_a_full_disk_costs_one_warning(tmp_path, monkeypatch, caplog):
    """The run is complete without the tab."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    run = make_run(tmp_path)
    monkeypatch.setattr(hparams.FileWriter, "add_summary", fail)
    write_hparams(run)
    (line,) = (line for line in caplog.records if line.name.startswith("cxrtk"))
    assert line.levelno == logging.WARNING and "HPARAMS cannot be written" in line.message
