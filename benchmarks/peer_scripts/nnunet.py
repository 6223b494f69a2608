"""nnU-Net's 2-D network and predictor on its own plans, with random weights: PNG files to PNG files.

    python nnunet.py DATASET IMAGES MASKS --repeats 2

DATASET holds images/ and masks/ of PNG files, from which nnU-Net plans as for any data set of 2-D images
(`nnUNetv2_plan_and_preprocess -c 2d`). Time is the same whatever the weights are.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

from timing import gflops, milliseconds, report

import numpy as np  # isort: skip  # after the number of threads is set
import torch
from PIL import Image

NAME = "Dataset001_Lungs"


def raw_dataset(source: Path, target: Path) -> None:
    """Lay a folder of images/ and masks/ out as nnU-Net wants it."""
    (target / "imagesTr").mkdir(parents=True)
    (target / "labelsTr").mkdir()
    files = sorted((source / "images").glob("*.png"))
    for path in files:
        Image.open(path).convert("L").save(target / "imagesTr" / f"{path.stem}_0000.png")
        mask = np.asarray(Image.open(source / "masks" / path.name).convert("L")) > 127
        Image.fromarray(mask.astype(np.uint8)).save(target / "labelsTr" / path.name)
    about = {
        "channel_names": {"0": "xray"},
        "labels": {"background": 0, "lungs": 1},
        "numTraining": len(files),
        "file_ending": ".png",
    }
    (target / "dataset.json").write_text(json.dumps(about))


def main() -> None:
    """Plan, build the network, and time the predictor with mirroring and without."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("masks", type=Path)
    parser.add_argument("--repeats", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("raw", "preprocessed", "results"):
            os.environ[f"nnUNet_{name}"] = str(Path(folder, name))
        raw_dataset(options.dataset, Path(folder, "raw", NAME))
        time_predictor(Path(folder), options)


def time_predictor(folder: Path, options: argparse.Namespace) -> None:
    """The part that needs nnU-Net, which reads its folders from the environment when it is imported."""
    from nnunetv2.experiment_planning.plan_and_preprocess_api import extract_fingerprints, plan_experiments
    from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
    from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
    from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

    extract_fingerprints([1], num_processes=1)
    plan_experiments([1])
    about = json.loads((folder / "raw" / NAME / "dataset.json").read_text())
    plans = PlansManager(str(folder / "preprocessed" / NAME / "nnUNetPlans.json"))
    plan = plans.get_configuration("2d")
    network = get_network_from_plans(
        plan.network_arch_class_name,
        plan.network_arch_init_kwargs,
        plan.network_arch_init_kwargs_req_import,
        1,
        2,
        deep_supervision=False,
    )
    inputs = folder / "inputs"
    inputs.mkdir()
    files = sorted(options.images.glob("*.png"))
    for path in files:
        Image.open(path).convert("L").save(inputs / f"{path.stem}_0000.png")
    for name, mirroring in (("mirroring", True), ("no mirroring", False)):
        predictor = nnUNetPredictor(
            use_mirroring=mirroring,
            perform_everything_on_device=False,
            device=torch.device("cpu"),
            verbose=False,
            allow_tqdm=False,
        )
        predictor.manual_initialization(
            network, plans, plan, [network.state_dict()], about, "nnUNetTrainer", (0, 1)
        )
        output = options.masks / f"nnunet-{mirroring}"
        output.mkdir(parents=True, exist_ok=True)
        spent = milliseconds(
            lambda predictor=predictor, output=output: predictor.predict_from_files_sequential(
                str(inputs), str(output), save_probabilities=False, overwrite=True
            ),
            len(files),
            max(options.repeats - 1, 1),
        )
        report(
            f"nnU-Net 2.8.1, its 2-D plan, {name}",
            files=spent,
            gflops=gflops(network.eval(), torch.rand(1, 1, *plan.patch_size)) * (4 if mirroring else 1),
            input=" x ".join(str(side) for side in plan.patch_size),
        )


if __name__ == "__main__":
    main()
