"""The loss against the paper's equation (1), written out in numpy."""

import numpy as np
import pytest
import torch

from cxrtk.training import BinaryCrossEntropy, KnownDiceBCE
from tests.ranks import passed, start


def equation_1(logits: np.ndarray, masks: np.ndarray) -> float:
    """-1/N sum of y log p + (1 - y) log(1 - p), p being the sigmoid, in float64."""
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    return float(-np.mean(masks * np.log(p) + (1 - masks) * np.log(1 - p)))


@pytest.mark.parametrize("shape", [(2, 1, 8, 8), (3, 2, 5, 7)])
def test_it_is_the_papers_equation(shape):
    """Random logits and masks: the mean over all pixels of the batch."""
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=4, size=shape).astype(np.float32)
    masks = (rng.random(shape) < 0.3).astype(np.float32)
    loss = BinaryCrossEntropy()(torch.from_numpy(logits), torch.from_numpy(masks))
    assert loss.item() == pytest.approx(equation_1(logits, masks), rel=1e-5)


@pytest.mark.parametrize(
    ("logit", "truth", "expected"),
    [(0.0, 1.0, 0.6931472), (0.0, 0.0, 0.6931472), (np.log(3), 1.0, 0.2876821)],
)
def test_by_hand(logit, truth, expected):
    """Half sure costs log 2; three quarters sure of the truth costs log 4/3."""
    loss = BinaryCrossEntropy()(torch.tensor([logit]), torch.tensor([truth], dtype=torch.float64))
    assert loss.item() == pytest.approx(expected, abs=1e-6)


def test_a_sure_mistake_costs_its_logit_and_not_infinity():
    """Where sigmoid rounds to 1 the equation has log 0; the loss has the exact value and gradient."""
    logits = torch.tensor([200.0], requires_grad=True)
    loss = BinaryCrossEntropy()(logits, torch.tensor([0.0]))
    loss.backward()
    assert loss.item() == 200.0
    assert logits.grad is not None and logits.grad.item() == 1.0


def test_known_dice_bce_by_hand():
    """Even odds, three known pixels, one of them yes: log 2, and 1 - (2 * 0.5 + 1) / (1.5 + 1 + 1)."""
    label = torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]])
    loss = KnownDiceBCE()(torch.zeros(1, 1, 2, 2), label)
    assert loss.item() == pytest.approx(np.log(2) + 1 - 2 / 3.5, rel=1e-6)


def test_what_is_unknown_has_no_gradient():
    """Images whose class is completely unknown do not enter the mean Dice either."""
    logits = torch.randn(2, 2, 4, 4, generator=torch.Generator().manual_seed(0), requires_grad=True)
    label = (torch.rand(2, 2, 4, 4, generator=torch.Generator().manual_seed(1)) < 0.5).float()
    label[0, 1], label[1, 0, 2] = -1, -1
    loss = KnownDiceBCE()(logits, label)
    loss.backward()
    assert (logits.grad[0, 1] == 0).all() and (logits.grad[1, 0, 2] == 0).all()
    assert (logits.grad[label >= 0] != 0).all()
    with torch.no_grad():
        changed = torch.where(label < 0, logits + 9, logits)
    assert torch.equal(KnownDiceBCE()(changed, label), loss)


def test_nothing_known_is_no_loss():
    """The loss is 0, without a division by zero."""
    assert KnownDiceBCE()(torch.randn(1, 3, 4, 4), -torch.ones(1, 3, 4, 4)).item() == 0


def of_four_images(rank: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and labels of a batch: known pixels and classes differ much between its halves."""
    generator = torch.Generator().manual_seed(3)
    images = torch.randn(4, 4, 8, 8, generator=generator)
    label = (torch.rand(4, 4, 8, 8, generator=generator) > 0.6).float()
    label[0] = -1  # nothing is known of it
    label[1, 1:] = -1
    label[2, 0] = 0  # known to be empty
    part = slice(None) if rank is None else slice(2 * rank, 2 * rank + 2)
    return images[part], label[part]


def step_of(images: torch.Tensor, label: torch.Tensor, wrap: bool) -> list[torch.Tensor]:
    """The loss, and the gradients of a network of one convolution."""
    torch.manual_seed(0)
    network: torch.nn.Module = torch.nn.Conv2d(4, 4, 3, padding=1)
    if wrap:
        network = torch.nn.parallel.DistributedDataParallel(network)
    loss = KnownDiceBCE()(network(images), label)
    loss.backward()
    return [loss.detach(), *(p.grad for p in network.parameters() if p.grad is not None)]


def test_of_several_processes_it_is_the_loss_of_all_their_images(tmp_path):
    """Value and gradients are those of one process with all images; the halves' mean is another."""

    def work():
        rank = torch.distributed.get_rank()
        torch.save(step_of(*of_four_images(rank), wrap=True), tmp_path / f"{rank}.pt")
        with torch.no_grad():  # a metric adds up by itself
            images, label = of_four_images(rank)
            torch.save(KnownDiceBCE()(images, label), tmp_path / f"metric.{rank}.pt")

    passed(start(work, tmp_path))
    expected = step_of(*of_four_images(), wrap=False)
    for rank in range(2):
        found = torch.load(tmp_path / f"{rank}.pt", weights_only=True)
        for mine, whole in zip(found, expected, strict=True):
            torch.testing.assert_close(mine, whole)
        metric = torch.load(tmp_path / f"metric.{rank}.pt", weights_only=True)
        torch.testing.assert_close(metric, KnownDiceBCE()(*of_four_images(rank)))
    halves = [step_of(*of_four_images(rank), wrap=False)[0] for rank in range(2)]
    assert abs(sum(halves) / 2 - expected[0]) > 1e-3
