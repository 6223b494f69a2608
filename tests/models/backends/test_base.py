"""One interface: every backend computes what the network computes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from cxrtk.models.backends.choice import CONVERTED, load_backend

NAMES = ["torch", *CONVERTED]


@pytest.fixture(params=NAMES)
def name(request, require_module):
    if request.param != "torch":
        require_module(request.param, request.param)
    return request.param


def images(count):
    return torch.randn(count, 1, 64, 64, generator=torch.Generator().manual_seed(count))


def test_logits_and_features_are_the_network_s(name, model, layer, network):
    """To float32's rounding, for batches of other sizes than it was converted with."""
    backend = load_backend(model, name, "fp32", layer=layer)
    kept = []
    hook = dict(network.named_modules())[layer].register_forward_hook(lambda *given: kept.append(given[2]))
    for count in (1, 2, 5):
        with torch.no_grad():
            expected = network(images(count))
        found = backend(images(count))
        assert torch.allclose(found.logits, expected, atol=1e-4)
        assert torch.allclose(found.features, kept[-1].mean(dim=(2, 3)), atol=1e-4)
    hook.remove()
    assert (backend.name, backend.precision) == (name, "fp32")


def test_without_a_layer_there_are_no_features(name, model):
    """`None`, not an empty tensor."""
    assert load_backend(model, name, "fp32")(images(1)).features is None


def test_threads_share_one_backend(name, model, layer):
    """Each gets its own image's logits and features, as in turn."""
    backend = load_backend(model, name, "fp32", layer=layer)
    many = list(images(12).split(1))
    expected = [backend(each) for each in many]
    with ThreadPoolExecutor(4) as pool:
        for found, known in zip(pool.map(backend, many), expected, strict=True):
            assert torch.equal(found.logits, known.logits) and torch.equal(found.features, known.features)


@pytest.mark.parametrize("name", CONVERTED, indirect=True)
def test_it_is_converted_once(name, model, cache):
    """The second one reads the program of the first."""
    load_backend(model, name, "fp32")
    (program,) = cache.rglob("program.[xo]*")
    before = program.stat().st_mtime_ns
    load_backend(model, name, "fp32")
    assert [path.stat().st_mtime_ns for path in cache.rglob("program.[xo]*")] == [before]
