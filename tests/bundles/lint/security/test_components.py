"""Components: targets by every spelling, and arguments that make a harmless target trust something."""

import json

import pytest

from cxrtk.bundles.lint import lint


def found(tmp_path, config) -> list[str]:
    """Security issues of a config that uses ``x``."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**config, "run": ["$print(@x)"]}))
    return [str(issue) for issue in lint([path]) if issue.kind == "security"]


@pytest.mark.parametrize(
    "x",
    [
        {"_target_": "pathlib.Path.replace", "self": "a", "target": "b"},
        {"_target_": "pathlib.Path.unlink", "self": "a"},
        {"_target_": "pathlib.Path", "_mode_": "callable"},
        {"_target_": "shutil.rmtree", "path": "a"},
        {"_target_": "os.environ.update", "A": "b"},
        {"_target_": "os.environ"},
        {"_target_": "numpy.random.mtrand.np.load", "file": "a.npy"},
        {"_target_": "numpy.load", "file": "a.npy", "allow_pickle": True},
        {"_target_": "numpy.load", "file": "a.npy", "mmap_mode": "w+"},
        {"_target_": "numpy.load", "_mode_": "callable"},
        {"_target_": "torch.load", "f": "a.pt", "weights_only": False},
        {"_target_": "torch.load", "f": "a.pt", "pickle_module": "$@m"},
        {"_target_": "torch.load", "_mode_": "callable", "f": "a.pt"},
        {"_target_": "torch.hub.load", "repo_or_dir": "a/b", "model": "c"},
        {"_target_": "PerceptualLoss", "spatial_dims": 3, "network_type": "medicalnet_resnet10_23datasets"},
        {"_target_": "monai.networks.nets.Transchex"},
        {"_target_": "TorchVisionFCModel", "pretrained": True},
        {"_target_": "TorchVisionFCModel", "weights": "DEFAULT"},
        {"_target_": "resnet50", "pretrained": "$1 == 1"},
        {"_target_": "EfficientNetBN", "model_name": "efficientnet-b0"},
        {"_target_": "MILModel", "num_classes": 2},
        {"_target_": "MedNISTDataset", "root_dir": "a", "section": "test", "download": True},
        {"_target_": "HoVerNet", "pretrained_url": "http://x"},
        {"_target_": "MLFlowHandler", "tracking_uri": "http://x"},
        {"_target_": "ignite.handlers.DiskSaver", "dirname": "/"},
        {"_target_": "monai.data.utils.pickle.loads"},
        {"_target_": "monai.transforms.LoadImage", "reader": "torch.load"},
        {"_target_": "LoadImage", "reader": "pickle"},
        {"_target_": "LoadImaged", "keys": "a", "reader": ["ITKReader", "os.system"]},
        {"_target_": "SaveImage", "writer": "$'os.' + 'system'"},
        {"_target_": "LoadImage", "reader": {"_target_": "str", "object": "os.system"}},
        {"_target_": "$'os.' + 'system'", "command": "ls"},
        {"_target_": "@name", "command": "ls"},
        {"_target_": "$@name", "command": "ls"},
        {"_target_": "$@path.name", "command": "ls"},
        {"_target_": "$os.system", "command": "ls"},
        {"_target_": "@made", "command": "ls"},
        {"_target_": "$import os"},
        {"_target_": "a." * 20_000 + "b"},
        {"_target_": "Identity", "_mode_": "$'de' + 'bug'"},
        {"_target_": "torch.utils.data.datapipes.iter.FileOpener", "datapipe": ["a"]},
        {"_target_": "cxrtk.cli.main.main"},
    ],
    ids=lambda x: str(x)[:60],
)
def test_refused(x, tmp_path):
    """What writes, moves, loads or fetches is refused by what it is, not by how it is spelled."""
    others = {"name": "os.system", "path": "$np.array(1)", "made": {"_target_": "str", "object": "os.system"}}
    assert found(tmp_path, {**others, "m": 1, "x": x})


@pytest.mark.parametrize(
    "x",
    [
        {"_target_": "pathlib.Path"},
        {"_target_": "os.path.join", "a": "b"},
        {"_target_": "torch.load", "f": "a.pt"},
        {"_target_": "torch.load", "f": "a.pt", "map_location": "cpu", "weights_only": True},
        {"_target_": "numpy.load", "file": "a.npy"},
        {"_target_": "TorchVisionFCModel", "pretrained": False, "weights": None},
        {"_target_": "resnet50", "pretrained": "@no"},
        {"_target_": "resnet50", "pretrained": "$False"},
        {"_target_": "EfficientNetBN", "model_name": "efficientnet-b0", "pretrained": False},
        {"_target_": "monai.networks.nets.DenseNet121", "_mode_": "callable", "spatial_dims": 2},
        {"_target_": "LoadImage", "reader": "nibabelreader"},
        {"_target_": "LoadImage", "reader": {"_target_": "monai.data.ITKReader"}},
        {"_target_": "LoadImage", "reader": "$monai.data.ITKReader"},
        {"_target_": "LoadImage", "reader": "@readers"},
        {"_target_": "PatchInferer", "splitter": None, "merger_cls": "AvgMerger"},
        {"_target_": "$@net.forward", "x": 1},
        {"_target_": "@net", "x": 1},
        {"_target_": "$lambda x: x", "x": 1},
        {"_target_": "$torch.nn.ReLU"},
    ],
    ids=lambda x: str(x)[:60],
)
def test_let_through(x, tmp_path):
    """The same things where they are harmless."""
    others = {"no": False, "readers": ["ITKReader", "PILReader"], "net": {"_target_": "torch.nn.Identity"}}
    assert found(tmp_path, {**others, "x": x}) == []


def test_the_reason_is_true(tmp_path):
    """What is not listed is said not to be listed; torch.load is not said to run what a file says."""
    (line,) = found(tmp_path, {"x": {"_target_": "torch.hub.load", "repo_or_dir": "a/b", "model": "c"}})
    assert "torch.hub.load is not on the list of what a config may use" in line and "--allow-code" in line


@pytest.mark.parametrize(
    "imports",
    [
        ["$import math as torch"],
        ["$import json as x", "$import math as x"],
        ["$from math import floor as eval"],
        ["$from math import floor as getattr"],
        ["$from . import a"],
        ["$from os import *"],
        ["$import os.path, sys", "$import importlib"],
        ["$from os import system"],
        ["$from monai.losses import PerceptualLoss"],
        ["$import numpy.random.mtrand"],
    ],
)
def test_imports(imports, tmp_path):
    """A name stands for one listed thing, whenever the import of it is evaluated."""
    assert found(tmp_path, {"imports": imports, "x": 1})
