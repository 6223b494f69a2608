"""What is read off the source agrees with what Python says once the thing is imported."""

import inspect
import sys
from importlib import import_module

import pytest

from cxrtk.bundles.lint.mistakes.signature import parameters
from cxrtk.bundles.lint.modules import Modules
from cxrtk.bundles.lint.resolve import Found, Resolver
from cxrtk.bundles.lint.security.policy import Policy
from cxrtk.bundles.lint.short_names import find_short_name

PACKAGES = [
    "cxrtk.data",
    "cxrtk.training",
    "ignite.handlers",
    "ignite.metrics",
    "monai.data",
    "monai.engines",
    "monai.handlers",
    "monai.inferers",
    "monai.losses",
    "monai.metrics",
    "monai.networks.nets",
    "monai.optimizers",
    "monai.transforms",
    "torch.nn",
    "torch.optim",
    "torch.optim.lr_scheduler",
    "torch.utils.data",
]


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.filterwarnings("ignore")
def test_as_inspect_has_it(package):
    """Every public class and function is found; no argument of it is unknown, none is wrongly required."""
    resolver = Resolver(Modules())
    module = import_module(package)
    known = 0
    for name in {*dir(module), *getattr(module, "__all__", ())}:
        thing = getattr(module, name)
        if name.startswith("_") or not (inspect.isclass(thing) or inspect.isfunction(thing)):
            continue
        found = resolver.resolve(f"{package}.{name}")
        assert isinstance(found, Found), name
        ours = parameters(found, resolver)
        if ours is None or ours.open:
            continue
        try:
            real = inspect.signature(thing).parameters.values()
        except ValueError:  # built in
            continue
        if any(each.kind is each.VAR_POSITIONAL for each in real):
            continue  # a wrapper, which does not say what it takes
        known += 1
        assert {each.name for each in real if each.kind is not each.VAR_KEYWORD} <= {*ours.names, *ours.extra}
        assert set(ours.required) <= {each.name for each in real if each.default is each.empty}, name
    assert known > 3


@pytest.mark.filterwarnings("ignore")
def test_short_names_as_monai_has_them():
    """A short name leads to a module in which MONAI's own locator finds it."""
    from monai.bundle import ComponentLocator

    resolver, locator = Resolver(Modules()), ComponentLocator()
    for name in (
        "UNet",
        "LoadImaged",
        "LoadImageD",
        "SupervisedTrainer",
        "MeanDice",
        "Compose",
        "DataLoader",
    ):
        found = find_short_name(name, resolver)
        assert found is not None
        where = locator.get_component_module_name(name)
        assert found.module.name in ([where] if isinstance(where, str) else where)
    for name in ("Unet_", "compose", "load_imaged"):
        assert find_short_name(name, resolver) is None


def test_what_is_public_is_allowed():
    """The allow-list lets all of MONAI's transforms, networks, losses and metrics through.

    All but those that look up code by a name, or fetch a network's weights and code from elsewhere.
    """
    refused = {
        "BertPreTrainedModel",
        "FlexUNetEncoderRegister",
        "MultiModal",
        "PerceptualLoss",
        "Transchex",
    }
    policy = Policy(Resolver(Modules()))
    for package in ("monai.transforms", "monai.networks.nets", "monai.losses", "monai.metrics"):
        module = sys.modules.get(package) or import_module(package)
        for name in dir(module):
            thing = getattr(module, name)
            if inspect.isclass(thing) and thing.__module__.startswith("monai") and not name.startswith("_"):
                verdict = policy.target(f"{package}.{name}")
                assert bool(verdict.refused) == (name in refused), verdict
