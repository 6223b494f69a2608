"""The public names: all importable, nothing heavy on the way."""

import importlib
import pickle

import pytest

import cxrtk
import cxrtk.api

PUBLIC = [
    "CheckpointError",
    "ConfigError",
    "CxrError",
    "CxrReadError",
    "DataError",
    "Job",
    "Label",
    "MaskGenerator",
    "NonFiniteError",
    "Outcome",
    "PluginBroken",
    "PluginConflict",
    "PluginError",
    "PluginNotFound",
    "Radiograph",
    "Reader",
    "RemoteError",
    "Segmentation",
    "Segmenter",
    "Step",
    "StorageError",
    "Writer",
    "__version__",
    "bundles",
    "data",
    "derived",
    "evaluation",
    "explain",
    "inference",
    "labels",
    "load_model",
    "masks",
    "metrics",
    "models",
    "networks",
    "passes",
    "phantom",
    "pixels",
    "read",
    "readers",
    "regions",
    "report",
    "save",
    "scores",
    "segment",
    "steps",
    "testing",
    "training",
    "writers",
]


def test_the_list_is_held():
    """A name joins or leaves the public API here too, never by accident."""
    assert list(cxrtk.__all__) == PUBLIC
    assert dir(cxrtk) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_is_importable(name):
    """`from cxrtk import <name>` works."""
    assert getattr(cxrtk, name) is not None


def test_modules_are_themselves():
    """A public module is the module, not a copy."""
    assert cxrtk.regions is importlib.import_module("cxrtk.data.regions")


@pytest.mark.parametrize(
    "name",
    ["Job", "Label", "MaskGenerator", "Outcome", "Radiograph", "Reader", "Segmentation", "Step", "Writer"],
)
def test_a_contract_is_one_class(name):
    """By `cxrtk`, by `cxrtk.api`, and in a pickle that names the latter."""
    by_pickle = pickle.loads(f"ccxrtk.api\n{name}\n.".encode())
    assert getattr(cxrtk, name) is getattr(cxrtk.api, name) is by_pickle


def test_an_unknown_name_is_an_attribute_error():
    """A misspelt name says so in Python's own words."""
    with pytest.raises(AttributeError, match="module 'cxrtk' has no attribute 'reder'"):
        _ = cxrtk.reder


@pytest.mark.parametrize(
    "code",
    [
        "import cxrtk",
        "import cxrtk; cxrtk.Radiograph, cxrtk.CxrReadError",
        "import cxrtk; cxrtk.networks.names(), cxrtk.masks.names(), 'paper_unet' in cxrtk.networks",
        "import cxrtk.cli.app",
        "from cxrtk.process import failures, lock, signals; from cxrtk.training import record, runs",
    ],
)
def test_imports_nothing_heavy(fresh_python, code):
    """Neither the package, its contracts, listing names nor the command line imports torch or MONAI."""
    check = "import sys; sys.exit(str({'torch', 'monai', 'ignite', 'pydicom'} & sys.modules.keys() or ''))"
    ended = fresh_python("-c", f"{code}; {check}")
    assert ended.err.strip() == ""


def test_the_version_is_the_distribution_s():
    """`cxrtk.__version__` is what pip shows."""
    from importlib.metadata import version

    assert cxrtk.__version__ == version("cxrtk")
