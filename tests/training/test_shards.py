"""The share of one process in a data loader's images."""

from itertools import chain
from types import SimpleNamespace

import pytest
import torch
from monai.data import DataLoader
from torch.utils.data import RandomSampler, SequentialSampler, WeightedRandomSampler

from cxrtk.errors import ConfigError
from cxrtk.process import group
from cxrtk.training.seeding import SeedEachEpoch
from cxrtk.training.shards import ShardedLoader, ShardSampler, require_shards


@pytest.fixture
def as_rank():
    """A function: this process is rank r of n, without a store."""

    def be(rank, size):
        group.Group.rank, group.Group.size = rank, size

    yield be
    group.leave()


@pytest.mark.parametrize("images", [5, 12, 13])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_of_validation_every_image_is_taken_once(as_rank, images, size):
    """The shares one after another are the order of one process, and differ by one image at most."""
    shares = []
    for rank in range(size):
        as_rank(rank, size)
        sampler = ShardSampler(SequentialSampler(range(images)), even=False)
        shares.append(list(sampler))
        assert len(sampler) == len(shares[-1])
    assert list(chain(*shares)) == list(range(images))
    lengths = [len(share) for share in shares]
    assert max(lengths) - min(lengths) <= 1


@pytest.mark.parametrize("images", [5, 12, 13])
@pytest.mark.parametrize("size", [2, 3])
def test_of_training_the_shares_are_even_and_none_is_taken_twice(as_rank, images, size):
    """Each epoch leaves out different images, fewer than the number of processes."""
    left_out = set()
    for epoch in range(12):
        taken = []
        for rank in range(size):
            as_rank(rank, size)
            sampler = ShardSampler(RandomSampler(range(images)), even=True)
            sampler.seed = epoch
            share = list(sampler)
            assert len(share) == len(sampler) == images // size
            taken += share
        assert len(set(taken)) == len(taken)
        missing = set(range(images)) - set(taken)
        assert len(missing) == images % size
        left_out |= missing
    assert not images % size or len(left_out) > images % size


@pytest.mark.parametrize("kind", ["shuffle", "balanced"])
@pytest.mark.parametrize("workers", [0, 1])
def test_the_batches_of_all_are_those_of_one_process_with_larger_ones(as_rank, kind, workers):
    """In three epochs, from the same seed of the run; also of a sampler that balances."""
    data = list(range(24))

    def epochs(loader):
        engine = SimpleNamespace(data_loader=loader, state=SimpleNamespace(epoch=0))
        drawn = []
        for epoch in range(1, 4):
            engine.state.epoch = epoch
            SeedEachEpoch(7)(engine)
            drawn.append([batch.tolist() for batch in loader])
        return drawn

    def order():
        if kind == "shuffle":
            return {"shuffle": True}
        return {"sampler": WeightedRandomSampler([1.0, 5.0] * 12, num_samples=24)}

    as_rank(0, 1)
    whole = epochs(DataLoader(data, batch_size=6, num_workers=workers, **order()))
    parts = []
    for rank in range(3):
        as_rank(rank, 3)
        parts.append(epochs(ShardedLoader(data, even=True, batch_size=2, num_workers=workers, **order())))
    for epoch, batches in enumerate(whole):
        for number, batch in enumerate(batches):
            assert sorted(batch) == sorted(chain(*(part[epoch][number] for part in parts)))
    assert whole[0] != whole[1]


def test_a_process_has_random_numbers_of_its_own(as_rank):
    """Else two processes would augment their images alike; the first has those of a process alone."""
    drawn = []
    for rank, size in ((0, 1), (0, 2), (1, 2)):
        as_rank(rank, size)
        SeedEachEpoch(3)(SimpleNamespace(state=SimpleNamespace(epoch=1)))
        drawn.append(torch.rand(1).item())
    assert drawn[0] == drawn[1] != drawn[2]


def test_an_order_is_drawn_without_touching_other_random_numbers(as_rank):
    """Dropout and augmentation come out as if there were no shares."""
    as_rank(0, 2)
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    list(ShardSampler(RandomSampler(range(9)), even=True))
    assert torch.equal(torch.rand(3), expected)


def test_fewer_images_than_processes(as_rank):
    """One line says what to do."""
    as_rank(0, 4)
    with pytest.raises(ConfigError, match=r"3 images cannot be shared by 4 processes; start fewer"):
        ShardSampler(SequentialSampler(range(3)), even=False)


def test_loaders_that_share_nothing_out_are_refused(as_rank):
    """As where another config was laid over multi_gpu.json; a process alone may have any."""
    plain = SimpleNamespace(data_loader=DataLoader([1, 2], num_workers=0))
    require_shards(plain)
    as_rank(0, 2)
    even, uneven = (
        SimpleNamespace(data_loader=ShardedLoader([1, 2], even=even, num_workers=0)) for even in (True, False)
    )
    require_shards(even, uneven, None)
    for engines in [(plain,), (even, plain), (uneven, uneven)]:
        with pytest.raises(ConfigError, match=r"name multi_gpu.json as the last"):
            require_shards(*engines)
