"""Several models as one: hand-computed means, and what makes no ensemble."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from monai.networks.nets import UNet

from cxrtk.errors import ConfigError
from cxrtk.models.ensemble import Ensemble, ensemble
from cxrtk.models.find import find_model
from cxrtk.models.model_file import Model, ModelSpec, save_model
from cxrtk.models.predictor import Predictor

ARGUMENTS = {"spatial_dims": 2, "in_channels": 1, "out_channels": 1, "channels": [4, 8], "strides": [2]}
SPEC = ModelSpec("m", {"_target_": "monai.networks.nets.UNet", **ARGUMENTS}, ("lungs",), image_size=32)


def model(seed, **changes):
    """A small network with random weights of a seed."""
    torch.manual_seed(seed)
    return Model(replace(SPEC, name=f"m{seed}", **changes), UNet(**ARGUMENTS).eval(), f"sha{seed}")


def test_the_probability_is_the_mean_of_the_members():
    """Computed by hand from three networks, the temperature of each applied first."""
    members = [model(0), model(1, temperature=(2.0,)), model(2, temperature=(0.5,))]
    x = torch.rand(2, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        by_hand = sum(
            torch.sigmoid(each.network(x) / t) for each, t in zip(members, (1.0, 2.0, 0.5), strict=True)
        )
        found = torch.sigmoid(ensemble(members).network(x))
    torch.testing.assert_close(found, by_hand / 3, rtol=1e-5, atol=2e-6)


def test_a_model_with_itself_is_that_model():
    """Through the same path as masks are made by."""
    image = np.random.default_rng(0).random((40, 50)).astype(np.float32)
    alone, twice = (Predictor(each)([image]) for each in (model(3), ensemble([model(3), model(3)])))
    np.testing.assert_allclose(twice, alone, atol=1e-5)


def test_a_sure_answer_stays_finite():
    """Probabilities of 0 and 1 have no logit; the ensemble's stay at a millionth."""

    class Sure(torch.nn.Module):
        def forward(self, x):
            return torch.full((len(x), 1, 4, 4), 200.0)

    logits = Ensemble([Sure(), Sure()], torch.ones(2, 1))(torch.zeros(1, 1, 4, 4))
    assert logits.isfinite().all()


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"image_size": 64}, "image_size"), ({"heart": "included"}, "heart"), ({"classes": ("x",)}, "classes")],
)
def test_models_that_differ_are_named(changes, word):
    """Both, and in what."""
    with pytest.raises(ConfigError, match=f"m0 and m1 cannot form an ensemble: their {word}"):
        ensemble([model(0), model(1, **changes)])


def test_names_joined_by_plus(tmp_path):
    """Each is found as it would be alone; a file whose own name has a plus is one model."""
    for seed, name in ((0, "a"), (1, "b"), (2, "c+d")):
        save_model(SPEC, model(seed).network.state_dict(), tmp_path / f"{name}.safetensors")
    a, b, one = (str(tmp_path / f"{name}.safetensors") for name in ("a", "b", "c+d"))
    found = find_model(f"{a}+{b}")
    assert isinstance(found.network, Ensemble) and len(found.network.members) == 2
    assert not isinstance(find_model(one).network, Ensemble)
    assert find_model(f"{a}+{b}").sha256 == found.sha256 != find_model(f"{b}+{a}").sha256


def test_an_ensemble_is_no_single_file(tmp_path):
    """Its members are written one by one."""
    found = ensemble([model(0), model(1)])
    with pytest.raises(ConfigError, match="is an ensemble"):
        save_model(found.spec, found.network.state_dict(), tmp_path / "e.safetensors")
