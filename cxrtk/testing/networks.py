"""Contract of networks."""

from __future__ import annotations

import io
from typing import Any, ClassVar

import pytest
import torch
from torch import nn

from cxrtk.registry import Registry, networks
from cxrtk.testing.contract import Contract

LOG_2 = 0.6931  # minimum binary cross entropy, on an empty truth, of an output that cannot be negative


class NetworkContract(Contract):
    """Networks map images (B, in_channels, H, W) in [0, 1] to logits (B, out_channels, H, W).

    Height and width are multiples of 16, from 32 on.

    Attributes:
        side: Height and width of the images in tests that do not depend on the size.
        steps: Number of training steps within which the loss on an empty truth must fall below log 2.
        per_image: Whether it is a classifier, with (B, out_channels) logits.
    """

    registry: ClassVar[Registry[Any]] = networks
    side: ClassVar[int] = 64
    steps: ClassVar[int] = 20
    per_image: ClassVar[bool] = False

    def build(self, kwargs: dict[str, Any], *, seed: int = 0) -> nn.Module:
        """Build the network with weights from a seed."""
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network: nn.Module = self.registry.create(self.plugin, **kwargs)
        return network

    def logits_shape(self, batch: int, out_channels: int, height: int, width: int) -> tuple[int, ...]:
        """Expected shape of the logits of a batch."""
        return (batch, out_channels) if self.per_image else (batch, out_channels, height, width)

    def image(self, network_channels: int, height: int, width: int, *, batch: int = 1) -> torch.Tensor:
        """A (batch, network_channels, height, width) image of seeded noise in [0, 1]."""
        noise = torch.Generator().manual_seed(0)
        return torch.rand(batch, network_channels, height, width, generator=noise)

    @pytest.fixture
    def network(self, kwargs: dict[str, Any]) -> nn.Module:
        """The network for images with one channel, with one logit per pixel."""
        return self.build({**kwargs, "in_channels": 1, "out_channels": 1})

    @pytest.mark.parametrize(("in_channels", "out_channels"), [(1, 1), (3, 1), (1, 3), (3, 2)])
    def test_takes_its_channels(self, kwargs: dict[str, Any], in_channels: int, out_channels: int) -> None:
        """`in_channels` and `out_channels` are the channels of the input and of the logits."""
        network = self.build({**kwargs, "in_channels": in_channels, "out_channels": out_channels}).eval()
        with torch.no_grad():
            logits = network(self.image(in_channels, self.side, self.side, batch=2))
        assert logits.shape == self.logits_shape(2, out_channels, self.side, self.side)

    @pytest.mark.parametrize(("height", "width"), [(32, 32), (48, 80), (112, 64), (128, 128)])
    def test_keeps_height_and_width(self, network: nn.Module, height: int, width: int) -> None:
        """Any multiple of 16 is accepted; the logits of a segmentation network have the image's size."""
        with torch.no_grad():
            logits = network.eval()(self.image(1, height, width))
        assert logits.shape == self.logits_shape(1, 1, height, width)

    @pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
    def test_a_constant_image_gives_finite_logits(self, network: nn.Module, value: float) -> None:
        """The logits contain no NaN and no infinity, even if an image has no contrast to normalise."""
        with torch.no_grad():
            assert network.eval()(torch.full((1, 1, self.side, self.side), value)).isfinite().all()

    def test_gives_logits_and_learns(self, network: nn.Module) -> None:
        """Training on an empty truth reduces the loss below log 2, which needs negative logits."""
        network.train()
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
        image = self.image(1, self.side, self.side, batch=2)
        loss_function = nn.BCEWithLogitsLoss()
        losses: list[float] = []
        while len(losses) < self.steps and not (losses and losses[-1] < min(LOG_2, losses[0])):
            optimizer.zero_grad()
            logits = network(image)
            loss = loss_function(logits, torch.zeros_like(logits))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < min(LOG_2, losses[0]), f"the losses were {losses}"

    def test_the_gradient_reaches_every_parameter(self, network: nn.Module) -> None:
        """Every trainable parameter gets a gradient, without NaN."""
        logits = network.train()(self.image(1, self.side, self.side, batch=2))
        # Weighted by noise, because a plain mean has no gradient through a normalisation.
        (logits * torch.randn(logits.shape, generator=torch.Generator().manual_seed(1))).sum().backward()
        trainable = {name: p for name, p in network.named_parameters() if p.requires_grad}
        assert trainable, "the network has no trainable parameter"
        gradients = {name: p.grad for name, p in trainable.items()}
        assert [name for name, grad in gradients.items() if grad is None] == []
        assert [
            name for name, grad in gradients.items() if grad is not None and not grad.isfinite().all()
        ] == []

    def test_weights_survive_a_file(self, kwargs: dict[str, Any]) -> None:
        """A checkpoint loaded with weights_only gives another instance the same logits."""
        arguments = {**kwargs, "in_channels": 1, "out_channels": 1}
        first, second = self.build(arguments, seed=0).eval(), self.build(arguments, seed=1).eval()
        file = io.BytesIO()
        torch.save(first.state_dict(), file)
        file.seek(0)
        second.load_state_dict(torch.load(file, weights_only=True))
        image = self.image(1, self.side, self.side)
        with torch.no_grad():
            assert torch.equal(first(image), second(image))

    def test_the_seed_decides_the_weights(self, kwargs: dict[str, Any]) -> None:
        """Two networks built from the same seed have equal weights, so that runs are reproducible."""
        arguments = {**kwargs, "in_channels": 1, "out_channels": 1}
        first, second = self.build(arguments).state_dict(), self.build(arguments).state_dict()
        assert first.keys() == second.keys()
        assert [name for name in first if not torch.equal(first[name], second[name])] == []

    def test_evaluates_each_image_on_its_own(self, network: nn.Module) -> None:
        """In eval mode a batch gives the same logits as its images one by one, and so does a second call."""
        network.eval()
        images = self.image(1, self.side, self.side, batch=2)
        with torch.no_grad():
            batch, again = network(images), network(images)
            single = torch.cat([network(image[None]) for image in images])
        assert torch.equal(batch, again)
        torch.testing.assert_close(batch, single, rtol=1e-4, atol=1e-4)

    def test_leaves_its_input_alone(self, network: nn.Module) -> None:
        """The image is not modified by the forward pass."""
        image = self.image(1, self.side, self.side)
        before = image.clone()
        with torch.no_grad():
            network.eval()(image)
        assert torch.equal(image, before)
