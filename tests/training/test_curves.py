"""What stands in the event files, read by TensorBoard's own reader."""

import errno
import json
import logging
import os

import numpy as np
import pytest
import torch
from ignite.engine import Engine, Events
from monai.data import MetaTensor
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.summary.writer import event_file_writer
from torch.utils.tensorboard import SummaryWriter

from cxrtk.training import CurveHandler
from cxrtk.training.pictures import captioned

TRUTH_ON, NOTHING = torch.ones(1, 8, 6), torch.zeros(1, 8, 6)


def item() -> dict:
    """A decollated item: an image that brightens from left to right, everything true, nothing predicted."""
    image = MetaTensor(torch.linspace(-2, 2, 6).expand(3, 8, 6), meta={"filename_or_obj": "a/chest.png"})
    return {"image": image, "label": MetaTensor(TRUTH_ON), "pred": NOTHING.clone().requires_grad_()}


def written(folder, *, epochs: int = 3, first: int = 1, **arguments) -> EventAccumulator:
    """The events of an engine of two iterations an epoch, 4 + 3 images."""
    engine = Engine(lambda _, count: [item()] * count)

    def metrics() -> None:
        epoch = engine.state.epoch
        engine.state.metrics.update(loss=1 / epoch, dice=torch.tensor(epoch / 10), pixel_accuracy=0.5)

    engine.add_event_handler(Events.EPOCH_COMPLETED, metrics)
    handler = CurveHandler(str(folder), **arguments)
    handler.attach(engine)
    engine.add_event_handler(Events.STARTED, lambda: setattr(engine.state, "epoch", first - 1))
    engine.run([4, 3], max_epochs=epochs)
    handler.writer(epochs).close()
    return read(folder)


def read(folder) -> EventAccumulator:
    """Return what TensorBoard reads from a folder."""
    events = EventAccumulator(str(folder), size_guidance={"images": 0, "scalars": 0, "tensors": 0})
    events.Reload()
    return events


def optimizer(rate: float) -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)


def test_the_tags_are_those_named_and_no_others(tmp_path):
    """Loss, metrics, learning rate, speed, two pictures, and the settings."""
    tags = written(tmp_path, overlays=2, settings={"seed": 0}, optimizer=optimizer(0.25)).Tags()
    scalars = {"loss", "metric/dice", "metric/pixel_accuracy", "lr", "images_per_second"}
    assert set(tags["scalars"]) == scalars
    assert set(tags["images"]) == {"overlay/0", "overlay/1"}
    assert tags["tensors"] == ["config/text_summary"]


def test_one_point_an_epoch(tmp_path):
    """The step is the epoch, the value the engine's metric, the rate the optimizer's."""
    events = written(tmp_path, optimizer=optimizer(0.25))
    assert [(e.step, e.value) for e in events.Scalars("metric/dice")] == [
        (epoch, pytest.approx(epoch / 10)) for epoch in (1, 2, 3)
    ]
    assert [e.value for e in events.Scalars("loss")] == pytest.approx([1, 1 / 2, 1 / 3])
    assert [e.value for e in events.Scalars("lr")] == [0.25] * 3
    assert [e.step for e in events.Images("overlay/0")] == [1, 2, 3]


def test_the_speed_counts_every_image(tmp_path, monkeypatch):
    """Seven images in two seconds are 3.5 a second."""
    times = iter([10.0, 12.0, 20.0, 24.0])
    monkeypatch.setattr("cxrtk.training.curves.time.perf_counter", lambda: next(times))
    speeds = written(tmp_path, epochs=2).Scalars("images_per_second")
    assert [event.value for event in speeds] == pytest.approx([3.5, 1.75])


def test_the_settings_are_read_back_from_the_text(tmp_path):
    """They are JSON, shown verbatim because every line is indented by four spaces."""
    settings = {"network": "PaperUNet", "image_size": 256, "labels": "human masks, heart excluded"}
    (event,) = written(tmp_path, settings=settings).Tensors("config/text_summary")
    text = event.tensor_proto.string_val[0].decode()
    assert all(line.startswith("    ") for line in text.splitlines())
    assert json.loads(text) == settings


def test_without_settings_and_optimizer_there_is_no_such_tag(tmp_path):
    """No image is written if none is requested."""
    tags = written(tmp_path, overlays=0).Tags()
    assert "lr" not in tags["scalars"] and tags["tensors"] == [] and tags["images"] == []


def test_the_picture_is_that_of_the_item(tmp_path):
    """The event holds what `captioned` draws of the item's image, masks and name."""
    event = written(tmp_path, overlays=1).Images("overlay/0")[0]
    file = tmp_path / "picture.png"
    file.write_bytes(event.encoded_image_string)
    found = np.asarray(Image.open(file).convert("RGB"))
    image, every = np.linspace(-2, 2, 6, dtype=np.float32), np.ones((1, 8, 6), bool)
    assert np.array_equal(found, captioned(np.broadcast_to(image, (8, 6)), every, ~every, "chest"))


@pytest.mark.parametrize(
    ("counter", "later"), [(9, 0), (0, 0), (0, 1), (0, -3600)],
    ids=["counter 9 then 10", "counter 0 then 1", "the next second", "a clock set back"],
)  # fmt: skip
def test_an_epoch_that_is_run_again_stands_once(tmp_path, monkeypatch, counter, later):
    """A run was killed in epoch 3 and goes on after epoch 1: the curve has each epoch one time."""
    killed = tmp_path / "killed"
    now = 1_700_000_000.0
    monkeypatch.setattr(event_file_writer, "_global_uid", event_file_writer.AtomicCounter(counter))
    monkeypatch.setattr("time.time", lambda: now)
    written(killed, epochs=3, optimizer=optimizer(0.5))
    now += later
    events = written(killed, first=2, epochs=4, optimizer=optimizer(0.25))
    assert len(list(killed.iterdir())) == 2
    assert [(event.step, event.value) for event in events.Scalars("lr")] == [
        (1, 0.5), (2, 0.25), (3, 0.25), (4, 0.25)
    ]  # fmt: skip
    assert [event.step for event in events.Images("overlay/0")] == [1, 2, 3, 4]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_curves_that_cannot_be_written_cost_one_warning(tmp_path, monkeypatch, caplog, number):
    """Every epoch is trained; the folder and the reason are said once."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(SummaryWriter, "add_scalar", fail)
    monkeypatch.setattr(SummaryWriter, "add_image", fail)
    engine = Engine(lambda _, count: [item()] * count)
    CurveHandler(str(tmp_path / "train")).attach(engine)
    engine.run([4, 3], max_epochs=3)
    assert engine.state.epoch == 3
    (line,) = (line for line in caplog.records if line.name.startswith("cxrtk"))
    assert line.levelno == logging.WARNING
    assert f"{tmp_path}/train: cannot be written" in line.message and os.strerror(number) in line.message


def test_a_folder_that_cannot_be_made_costs_one_warning(tmp_path, caplog):
    """A file lies where the curves should; the training goes on."""
    (tmp_path / "train").write_text("")
    engine = Engine(lambda _, count: [item()] * count)
    CurveHandler(str(tmp_path / "train")).attach(engine)
    engine.run([4, 3], max_epochs=2)
    (line,) = (line for line in caplog.records if line.name.startswith("cxrtk"))
    assert "training continues without curves" in line.message


def test_nothing_is_made_before_the_engine_runs(tmp_path):
    """A config that is only looked at leaves no folder behind."""
    CurveHandler(str(tmp_path / "train")).attach(Engine(lambda *_: None))
    assert list(tmp_path.iterdir()) == []
