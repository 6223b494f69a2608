"""What `cxrtk bench` times is what the bundle does, and its ratios are ratios."""

import copy
import shutil

import numpy as np
import pytest
import torch
from monai.data import DataLoader
from monai.engines import SupervisedTrainer
from monai.utils import set_determinism
from PIL import Image

from cxrtk import networks
from cxrtk.bundles import timing as bench
from cxrtk.bundles.timing import INFERENCE, TRAINING, Measured, Setup, Workload, measure, precision, ratios
from cxrtk.data import phantom
from cxrtk.data.transforms import LoadRadiographd
from cxrtk.errors import ConfigError, PluginNotFound
from cxrtk.models.views import prepare
from cxrtk.process.machine import host
from cxrtk.training import AutocastInferer, BinaryCrossEntropy
from cxrtk.training.timing import Rate

CPU = torch.device("cpu")
TINY = Setup(image_size=32, batch_size=2, seconds=0.05)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Eight phantoms of 128 x 128."""
    return phantom.write_nih(tmp_path_factory.mktemp("bench") / "phantoms", count=8, size=128)


@pytest.fixture
def work(data):
    return Workload(TINY, CPU, data)


def fake(device, *medians):
    """A device that does so many images a second: training alone, from files, inference alone, from files."""
    made = [Rate(each, each, each, 5) for each in medians]
    rates = {
        "training": {"model only": made[0], "end to end": made[1]},
        "inference": {"model only": made[2], "end to end": made[3]},
    }
    return Measured(device, "a processor", "float32", None, rates)


def test_a_step_of_training_is_monais(work):
    """The same weights as after one iteration of MONAI's trainer with the bundle's loss and optimiser."""
    batch = work.on_device(next(iter(work.loaders[TRAINING])))
    other = copy.deepcopy(work.network)
    items = [{"image": image, "label": label} for image, label in zip(*batch.values(), strict=True)]
    SupervisedTrainer(
        device=CPU,
        max_epochs=1,
        train_data_loader=DataLoader(items, batch_size=2),
        network=other,
        loss_function=BinaryCrossEntropy(),
        optimizer=torch.optim.Adam(other.parameters(), lr=0.0005),
        inferer=AutocastInferer(),
        decollate=False,
    ).run()
    before = copy.deepcopy(work.network.state_dict())
    work.train(batch)
    for name, value in work.network.state_dict().items():
        torch.testing.assert_close(value, other.state_dict()[name], atol=1e-7, rtol=1e-4)
        assert not torch.equal(value, before[name]), name


def test_inference_gives_masks(work):
    """1 where the logit is not negative."""
    batch = next(iter(work.loaders[INFERENCE]))
    found = work.infer(batch)
    with torch.no_grad():
        logits = AutocastInferer()(batch["image"], work.network.eval())
    assert found.shape == (2, 1, 32, 32) and torch.equal(found, torch.as_tensor(logits >= 0))


def test_the_image_of_inference(work):
    """The test images of the set, as `cxrtk segment` prepares them, three times over, and no label."""
    dataset = work.loaders[INFERENCE].dataset
    item, entry = dataset[0], dataset.data[0]
    with Image.open(entry["image"]) as file:
        pixels = np.asarray(file, np.float32) / 255
    assert set(entry) == {"image"} and "label" not in item
    for channel in item["image"]:
        np.testing.assert_allclose(channel, prepare(pixels, 32)[0], atol=1e-4)


def test_a_batch_of_training(work):
    """Images of three channels and masks of zeros and ones, as the bundle makes them."""
    batch = next(iter(work.loaders[TRAINING]))
    assert batch["image"].shape == (2, 3, 32, 32) and batch["label"].shape == (2, 1, 32, 32)
    assert set(batch["label"].unique().tolist()) == {0.0, 1.0}


def test_batches_do_not_end(work):
    """More images than the set has."""
    batches = iter(work.loaders[TRAINING])
    for _ in range(20):
        next(batches)


def test_nothing_is_cached(data, tmp_path):
    """Where the files are gone, the next batch fails, also after some were read."""
    folder = shutil.copytree(data, tmp_path / "gone")
    work = Workload(TINY, CPU, folder)
    for task in (TRAINING, INFERENCE):
        batches = iter(work.loaders[task])
        next(batches)
        images = (folder / "images").rename(folder / "moved")
        with pytest.raises(RuntimeError, match="LoadRadiographd"):
            for _ in range(10):
                next(batches)
        images.rename(folder / "images")


def test_a_device_is_measured(data):
    """Every task and scope, at least three steps each; all of the seconds are reported."""
    told = []
    found = measure(TINY, "cpu", data, report=told.append)
    assert (found.device, found.name) == ("cpu", host()["cpu"])
    assert (found.threads, found.precision) == (torch.get_num_threads(), precision(CPU, True))
    for task in ("training", "inference"):
        for scope in ("model only", "end to end"):
            rate = found.rates[task][scope]
            assert 0 < rate.low <= rate.median <= rate.high and rate.steps >= 3
    assert sum(told) == pytest.approx(4 * 0.05)


@pytest.fixture
def steps(data, monkeypatch):
    """Of `measure`: what each timed step did, by what it was called with; the n-th rate found is n."""
    done = []
    read, init = LoadRadiographd.__call__, Workload.__init__
    state = {"read": 0}

    def count(self, item):
        state["read"] += 1
        return read(self, item)

    def keep(self, *arguments):
        init(self, *arguments)
        state["work"] = self

    def rate(step, images, **told):
        network = state["work"].network
        reads, weights = state["read"], copy.deepcopy(network.state_dict())
        step()
        changed = any(not torch.equal(weights[name], each) for name, each in network.state_dict().items())
        done.append({"images": images, "read": state["read"] - reads, "changed": changed, **told})
        return Rate(len(done), len(done), len(done), 3)

    monkeypatch.setattr(LoadRadiographd, "__call__", count)
    monkeypatch.setattr(Workload, "__init__", keep)
    monkeypatch.setattr(bench, "rate", rate)
    report = [].append
    found = measure(Setup(image_size=32, batch_size=2, seconds=7.5), "cpu", data, report=report)
    return done, found.rates, state["work"], report


def test_what_is_timed(steps):
    """The network alone reads no file, from the files on each image is read; training moves the weights."""
    done, rates, _, _ = steps
    assert [(each["images"], each["changed"]) for each in done] == [(2, True)] * 2 + [(2, False)] * 2
    alone, files, inference_alone, inference_files = (each["read"] for each in done)
    assert (alone, files, inference_alone, inference_files) == (0, 2, 0, 2)
    placed = {(task, scope): rates[task][scope].median for task in rates for scope in rates[task]}
    assert placed == {
        ("training", "model only"): 1,
        ("training", "end to end"): 2,
        ("inference", "model only"): 3,
        ("inference", "end to end"): 4,
    }


def test_how_it_is_timed(steps):
    """For as long as was asked, waiting for the device, and telling of each step."""
    done, _, work, report = steps
    for each in done:
        assert (each["seconds"], each["synchronise"], each["report"]) == (7.5, work.synchronise, report)


def test_a_gpu_is_waited_for(work, monkeypatch):
    """Its kernels run on when a step returns; a CPU's do not."""
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    work.synchronise()
    assert waited == []
    work.device = torch.device("cuda:1")
    work.synchronise()
    assert waited == [torch.device("cuda:1")]


def test_workers_come_in_bursts(data, monkeypatch):
    """So that as many batches as workers are one step."""
    asked = []

    def keep(step, images, **settings):
        asked.append(images)
        return Rate(1.0, 1.0, 1.0, 3)

    monkeypatch.setattr(bench, "rate", keep)
    measure(Setup(image_size=32, batch_size=2, workers=2), "cpu", data)
    assert asked == [2, 4, 2, 4]


def test_ratios_by_hand():
    """Of medians, over the CPU, wherever it stands."""
    found = ratios([fake("cuda:0", 30, 8, 100, 12), fake("cpu", 10, 4, 20, 8)])
    assert found == {
        "cuda:0": {
            "training": {"model only": 3.0, "end to end": 2.0},
            "inference": {"model only": 5.0, "end to end": 1.5},
        }
    }


def test_ratios_without_a_cpu():
    """Over the first device."""
    found = ratios([fake("cuda:0", 1, 1, 1, 1), fake("cuda:1", 2, 2, 2, 2)])
    assert found["cuda:1"]["training"]["model only"] == 2.0 and set(found) == {"cuda:1"}


def test_one_device_has_no_ratio():
    """There is nothing to compare with."""
    assert ratios([fake("cpu", 1, 1, 1, 1)]) == {}


def test_devices_that_are_there(monkeypatch):
    """The CPU first."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert bench.present() == ["cpu", "cuda:0", "cuda:1"]


def test_a_gpu_is_set_as_in_training():
    """CuDNN as `set_determinism` leaves it, and not off; afterwards as it was."""
    cudnn = torch.backends.cudnn

    def state():
        return cudnn.enabled, cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32

    before = state()
    try:
        cudnn.deterministic, cudnn.benchmark = False, True
        with bench.deterministic():
            during = state()
        after = state()
        set_determinism(0)
        assert during == state()
    finally:
        set_determinism(None)
        cudnn.deterministic, cudnn.benchmark = before[1:3]
    assert after[1:3] == (False, True)


@pytest.mark.parametrize(
    ("device", "amp", "bf16", "said"),
    [
        ("cpu", True, True, "bfloat16 (autocast)"),
        ("cpu", True, False, "float32"),
        ("cpu", False, True, "float32"),
        ("cuda", True, False, "float16 (autocast)"),
        ("cuda", False, False, "float32 (TF32 in convolutions)"),
    ],
)
def test_precision(monkeypatch, device, amp, bf16, said):
    """What is said is what is computed in: torch's defaults for CUDA."""
    monkeypatch.setattr(bench, "cpu_has_bf16", lambda: bf16)
    assert precision(torch.device(device), amp) == said


@pytest.mark.parametrize("amp", [True, False])
def test_the_cpu_computes_in_what_is_said(data, monkeypatch, amp):
    """By the type that the last convolution gives."""
    monkeypatch.setattr("cxrtk.training.inferer.cpu_has_bf16", lambda: True)
    monkeypatch.setattr(bench, "cpu_has_bf16", lambda: True)
    work, seen = Workload(Setup(image_size=32, batch_size=2, amp=amp), CPU, data), []
    work.network.last.register_forward_hook(lambda _, __, output: seen.append(str(output.dtype)))
    work.infer(next(iter(work.loaders[INFERENCE])))
    assert [precision(CPU, amp).split()[0]] == [each.removeprefix("torch.") for each in seen]


@pytest.mark.parametrize(
    ("setting", "value"), [("image_size", 0), ("batch_size", 0), ("seconds", 0.0), ("workers", -1)]
)
def test_settings_that_cannot_be(setting, value):
    """Are named."""
    with pytest.raises(ConfigError, match=setting):
        Setup(**{setting: value})


def test_an_unknown_network():
    """One line of ours, not MONAI's traceback, before any work."""
    with pytest.raises(PluginNotFound, match="Did you mean 'paper_unet'"):
        Setup(network="paper_unit")


def test_a_size_that_the_network_refuses(data):
    """With what to choose."""
    with pytest.raises(ConfigError, match="does not take images of 33 x 33"):
        measure(Setup(image_size=33), "cpu", data)


def test_a_network_that_makes_no_masks(data, plugin_folder):
    """It is said what it makes."""
    plugin_folder.write(
        "networks",
        "teller",
        "from torch import nn\nfrom cxrtk import networks\n\n"
        "@networks.register('teller')\n"
        "def teller(in_channels: int = 1, out_channels: int = 1) -> nn.Module:\n"
        "    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())\n"
        "    return nn.Sequential(pool, nn.Linear(in_channels, out_channels))\n",
    )
    assert "teller" in networks.names()
    with pytest.raises(ConfigError, match=r"gives \(1, 1\) for an image of \(1, 3, 32, 32\): no mask"):
        measure(Setup(network="teller", image_size=32), "cpu", data)


def test_too_little_memory(data, monkeypatch):
    """Says what to do."""

    def full(self, batch):
        raise torch.OutOfMemoryError("no room")

    monkeypatch.setattr(Workload, "train", full)
    with pytest.raises(
        ConfigError, match="too little memory for batches of 2; choose a smaller --batch-size"
    ):
        measure(TINY, "cpu", data)
