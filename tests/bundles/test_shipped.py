"""The configs that ship, found by name."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from monai.bundle import ConfigParser
from scipy.ndimage import center_of_mass

from cxrtk import ConfigError
from cxrtk.bundles import shipped
from cxrtk.bundles.shipped import folder

ROOT = Path(__file__).resolve().parents[2]


def test_they_are_the_configs_of_the_checkout():
    """Every JSON file of bundles/ but the metadata and their schema, sorted by name."""
    found = (path.resolve() for path in (ROOT / "bundles").glob("*.json"))
    files = sorted(path for path in found if not path.stem.startswith("metadata"))
    assert [path.resolve() for path in shipped().values()] == files
    assert list(shipped()) == [path.stem for path in files]


def test_a_config_names_itself():
    """The name that runs are called by is the file's; `inference` makes no run, trackers keep its name."""
    for name, path in shipped().items():
        content = json.loads(path.read_text(encoding="utf-8"))
        if name in ("inference", "mlflow", "wandb"):
            assert "config_name" not in content
        else:
            assert content["config_name"] == name


def test_metadata_and_logging_lie_beside_them():
    """Where MONAI looks for them when it is given a config alone."""
    assert (folder() / "metadata.json").is_file() and (folder() / "logging.conf").is_file()


def test_a_missing_package_is_named(monkeypatch):
    """A damaged installation says what to do."""
    monkeypatch.setattr(sys.modules[folder.__module__], "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="cxrtk_bundles is missing; reinstall cxrtk"):
        shipped()


def test_labels_are_resized_about_their_centre():
    """A mask keeps its centre of gravity, in shares of the image, within a tenth of a pixel.

    PyTorch's mode "nearest" moves it by a quarter of a pixel and more.
    """
    config = ConfigParser(json.loads((ROOT / "bundles" / "unet_cxr.json").read_text(encoding="utf-8")))
    (resize,) = [
        step for step in config["train#deterministic_transforms"] if step.get("_target_") == "Resized"
    ]
    transform = ConfigParser({"resize": {**resize, "keys": "label", "spatial_size": [256, 256]}})
    mode, anti_aliasing = resize["mode"][1], resize["anti_aliasing"][1]
    transform["resize#mode"], transform["resize#anti_aliasing"] = mode, anti_aliasing
    for side in (224, 500, 700):
        rows, columns = np.mgrid[:side, :side] / side
        disc = (np.hypot(rows - 0.41, columns - 0.53) < 0.3).astype(np.float32)[None]
        resized = transform.get_parsed_content("resize")({"label": disc})["label"].numpy()
        for before, after in zip(center_of_mass(disc[0]), center_of_mass(resized[0]), strict=True):
            assert (before + 0.5) / side == pytest.approx((after + 0.5) / 256, abs=0.1 / 256)
