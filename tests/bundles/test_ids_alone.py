"""Each id of each bundle stands alone: asked for first, in a fresh process, it finds all that it needs."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from cxrtk import phantom
from cxrtk.bundles import shipped
from tests.bundles.open_sources import FEW_PHANTOMS, say_licences

SCRIPT = Path(__file__).with_name("resolve_ids.py")
BASE = "unet_cxr"
ON_LUNGS = ("fine_tune", "lungs_light", "lungs_open")
BELOW = {BASE: [], "inference": [], **{name: [BASE, "lungs"] for name in ON_LUNGS}}
QUICK = (BASE, "inference")  # the others are laid over the base, and take as long each
SMALL = {"image_size": 32, "num_workers": 0, "batch_size": 2, "cache_gb": 0}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in shipped()]
)
def test_every_id_resolves_alone(name, fresh_python, tmp_path):
    """With a new parser for each; nothing depends on what was resolved before it."""
    data = phantom.write_nih(tmp_path / "data", count=6, size=64)
    files = [str(shipped()[each]) for each in [*BELOW.get(name, [BASE]), name]]
    overrides = {"dataset_dir": str(data), "labels": "files"}
    if name != "inference":
        overrides |= SMALL
    if name in ("lungs", "lungs_light", "lungs_open"):
        overrides["dataset_dir"] = str(tmp_path / "sources")
        for source in json.loads(shipped()["lungs"].read_text())["sources"]:
            folder = tmp_path / "sources" / source
            shutil.copytree(data, folder, ignore=shutil.ignore_patterns("about.json"))
            say_licences(folder)
    if name == "lungs_open":
        overrides |= FEW_PHANTOMS
    if name == "evaluate":
        images = sorted(path.name for path in (data / "images").iterdir())
        split = {"train": images[:1], "validation": images[1:3], "test": images[3:]}
        (tmp_path / "splits.json").write_text(json.dumps(split))
        torch.save({}, tmp_path / "best.pt")
        overrides["checkpoint"] = str(tmp_path / "best.pt")
    ended = fresh_python(SCRIPT, json.dumps(files), json.dumps(overrides), OMP_NUM_THREADS=1)
    assert (ended.out, ended.code) == ("", 0), ended.err[-2000:]
