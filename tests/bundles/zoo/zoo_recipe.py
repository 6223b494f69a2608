"""The recipe of the zoo's own unit tests: python zoo_recipe.py BUNDLE DATA.

Ten images with labels in DATA: train an epoch, evaluate what came of it, and infer, each with a check of
MONAI's properties. Prints the Dice of the evaluation; imports no cxrtk.
"""

import sys
from pathlib import Path
from typing import Any

from monai.bundle import ConfigWorkflow


def run(bundle: Path, kind: str, names: list[str], **override: Any) -> ConfigWorkflow:
    """Run the configs of these names, after MONAI found nothing missing in them."""
    configs = bundle / "configs"
    workflow = ConfigWorkflow(
        workflow_type=kind,
        config_file=[str(configs / f"{name}.json") for name in names],
        logging_file=str(configs / "logging.conf"),
        meta_file=str(configs / "metadata.json"),
        bundle_root=str(bundle),
        **override,
    )
    workflow.initialize()
    missing = workflow.check_properties() if len(names) == 1 else []
    if missing:
        raise ValueError(f"{names}: {missing}")
    workflow.run()
    workflow.finalize()
    return workflow


def main(bundle: Path, data: Path) -> None:
    """Run all three."""
    sys.path.insert(0, str(bundle))
    settings = {"dataset_dir": str(data), "max_epochs": 1, "batch_size": 2, "image_size": 64}
    run(bundle, "train", ["train"], **settings)
    tested = run(bundle, "train", ["train", "evaluate"], **settings)
    images = {"dataset_dir": str(data / "images"), "image_size": 64, "output_dir": str(data / "out")}
    run(bundle, "inference", ["inference"], **images)
    print(
        "val_mean_dice", tested.parser.get_parsed_content("validate#evaluator").state.metrics["val_mean_dice"]
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
