"""``multi_gpu_train.json`` and ``multi_gpu_evaluate.json``: two processes of torchrun, on CPUs."""

import shutil

import pytest
from monai.bundle import ConfigParser

from cxrtk.bundles.zoo.multi_gpu import multi_gpu_evaluate, multi_gpu_train
from cxrtk.bundles.zoo.training import evaluate, train
from cxrtk.classes import CLASSES
from cxrtk.models.model_file import ModelSpec
from tests.bundles.zoo.test_write import drawn

SAMPLERS = {
    f"{part}#{place}" for part in ("train", "validate") for place in ("sampler", "dataloader#sampler")
}


@pytest.mark.parametrize("overlay", [multi_gpu_train(), {**evaluate(), **multi_gpu_evaluate()}])
def test_an_overlay_changes_what_is_there(overlay):
    """Each id is one of the config's, or one of a sampler, or it disables a part."""
    config = ConfigParser(train(ModelSpec("m", {}, CLASSES, 32), {"_target_": "UNet"}))
    known = [
        key
        for key in overlay
        if key in config or key in {"finalize", *SAMPLERS} or key.endswith("#_disabled_")
    ]
    assert known == list(overlay)


@pytest.mark.slow
@pytest.mark.parametrize("names", [("train", "multi_gpu_train"), ("train", "evaluate", "multi_gpu_evaluate")])
def test_two_processes_run_it(zoo_bundle, without_cxrtk, tmp_path, names):
    """An epoch, and an evaluation; the first process alone writes."""
    bundle = tmp_path / "bundle"
    shutil.copytree(zoo_bundle, bundle)
    data = drawn(tmp_path / "data", 10)  # of which two validate, one each process
    config = str([f"configs/{name}.json" for name in names])
    settings = {
        "dataset_dir": data,
        "image_size": 64,
        "max_epochs": 1,
        "batch_size": 2,
        "config_file": config,
    }
    words = [word for key, value in settings.items() for word in (f"--{key}", value)]
    start = ["-m", "torch.distributed.run", "--standalone", "--nnodes=1", "--nproc_per_node=2"]
    ended = without_cxrtk(bundle, *start, "-m", "monai.bundle", "run", *words)
    assert ended.code == 0, ended.err[-2000:]
    if "evaluate" in names:
        assert (bundle / "eval" / "val_mean_dice_raw.csv").is_file()
    else:
        weights = (zoo_bundle / "models" / "model.pt").read_bytes()
        assert (bundle / "models" / "model.pt").read_bytes() != weights
