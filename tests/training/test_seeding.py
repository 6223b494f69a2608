"""Random numbers that an epoch has whatever was drawn before it."""

import random

import numpy as np
import pytest
import torch
from ignite.engine import Engine, Events
from monai.data import CacheDataset, Dataset
from monai.transforms import Compose, RandGaussianNoise

from cxrtk.training.seeding import SeedEachEpoch

START = torch.zeros(1, 3, 3)


def drawn(seed: int, epoch: int, before: int, dataset: type[Dataset] = Dataset) -> list[float]:
    """The numbers of an epoch from each source, of an engine that starts with it; `before` were drawn."""
    noise = Compose([RandGaussianNoise(prob=1.0), RandGaussianNoise(prob=1.0)])
    noise.set_random_state(before)
    engine = Engine(lambda *_: None)
    engine.data_loader = torch.utils.data.DataLoader(dataset([START] * 2, noise), shuffle=True)
    SeedEachEpoch(seed).attach(engine)
    engine.add_event_handler(Events.STARTED, lambda: setattr(engine.state, "epoch", epoch - 1))
    for source in (random.seed, np.random.seed, torch.manual_seed):
        source(before)
    found: list[float] = []

    @engine.on(Events.EPOCH_STARTED)
    def draw() -> None:
        found.extend([random.random(), float(np.random.rand()), float(torch.rand(()))])
        found.extend(engine.data_loader.dataset[0].flatten().tolist())
        found.extend(torch.empty((), dtype=torch.int64).random_().flatten().tolist())  # as DataLoader's seed

    engine.run([0], max_epochs=epoch)
    return found


def cached(data: list[torch.Tensor], transform: Compose) -> CacheDataset:
    return CacheDataset(data, transform, progress=False, num_workers=None)


@pytest.mark.parametrize("dataset", [Dataset, cached])
@pytest.mark.parametrize(("seed", "epoch"), [(0, 1), (0, 2), (7, 30), (2**31, 5)])
def test_seed_and_epoch_decide(seed, epoch, dataset):
    """Python, NumPy, torch and the transforms, after one number drawn before or after another."""
    assert drawn(seed, epoch, 1, dataset) == drawn(seed, epoch, 99, dataset)


@pytest.mark.parametrize("other", [(0, 2), (1, 1), (1, 2)])
def test_another_seed_or_epoch_has_other_numbers(other):
    """No number is equal."""
    pairs = zip(drawn(0, 1, 1), drawn(*other, 1), strict=True)
    assert all(one != another for one, another in pairs)


def test_near_seeds_do_not_meet():
    """No epoch of seed 0 is an epoch of seed 1, 2 or 3: they would train the same."""
    first = {(seed, epoch): drawn(seed, epoch, 1)[0] for seed in range(4) for epoch in (1, 2, 3, 4)}
    assert len(set(first.values())) == len(first)


def test_two_transforms_of_a_pipeline_do_not_draw_the_same(tmp_path):
    """Their noises are not the same one twice."""
    noise = Compose([RandGaussianNoise(prob=1.0), RandGaussianNoise(prob=1.0)])
    engine = Engine(lambda *_: None)
    engine.data_loader = torch.utils.data.DataLoader(Dataset([START], noise))
    SeedEachEpoch(0)(engine)
    once, twice = (noise.transforms[number](START) for number in (0, 1))
    assert not torch.equal(once, twice)


def test_an_engine_without_a_data_set_is_seeded_too():
    """A plain Ignite engine, which runs over a list."""
    engine = Engine(lambda *_: torch.rand(()).item())
    SeedEachEpoch(3).attach(engine)
    results = []
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda: results.append(engine.state.output))
    for _ in range(2):
        engine.run([0, 1], max_epochs=2)
    assert results[:4] == results[4:] and len(set(results)) == 4
