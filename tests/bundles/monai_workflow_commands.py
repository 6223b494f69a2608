"""MONAI's commands about workflows on a shipped config: python monai_workflow_commands.py DATA.

It is a fresh process, and what they write goes to the working directory. Prints what fails, with its error.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import monai.bundle
from monai.bundle import ConfigWorkflow

from cxrtk.bundles.shipped import BASE, metadata, shipped
from tests.bundles.monai_commands import run_all

NETWORK = {"_target_": "monai.networks.nets.UNet", "spatial_dims": 2, "in_channels": 3, "out_channels": 1}
SMALL = {
    "network_def": {**NETWORK, "channels": [4, 8], "strides": [2]},
    "image_size": 64,
    "max_epochs": 1,
    "batch_size": 4,
    "overlays": 0,
}
FILES = {"config_file": str(shipped()[BASE]), "meta_file": str(metadata(BASE))}
LOGGING = str(shipped()[BASE].with_name("logging.conf"))


def made(data: str) -> None:
    """`create_workflow` builds a workflow that has all that MONAI asks for; nothing is trained."""
    workflow = monai.bundle.create_workflow(
        workflow_name="ConfigWorkflow",
        workflow_type="train",
        dataset_dir=data,
        logging_file=LOGGING,
        **FILES,
        **SMALL,
    )
    assert isinstance(workflow, ConfigWorkflow) and workflow.check_properties() == []
    assert workflow.trainer.network is workflow.network_def
    workflow.finalize()


def trained(data: str) -> None:
    """`run_workflow` trains and tests."""
    monai.bundle.run_workflow(
        workflow_name="ConfigWorkflow", workflow_type="train", dataset_dir=data, run_name="whole",
        logging_file=LOGGING, **FILES, **SMALL,
    )  # fmt: skip
    assert (Path("runs") / "whole" / "test_metrics.json").is_file()


def begun() -> None:
    """`init_bundle` makes a folder into which a shipped config is put beside MONAI's own files."""
    monai.bundle.init_bundle("mine")
    configs = Path("mine", "configs")
    assert {"inference.json", "metadata.json"} <= {path.name for path in configs.iterdir()}
    shutil.copy(shipped()[BASE], configs / "train.json")
    workflow = ConfigWorkflow(
        config_file=str(configs / "train.json"), meta_file=str(configs / "metadata.json"),
        workflow_type="train", logging_file=LOGGING,
    )  # fmt: skip
    assert workflow.parser.get_parsed_content("network_def") is not None


def commands(data: str) -> list[tuple[str, Callable[[], None]]]:
    """Each command by its name, in order."""
    return [
        ("init_bundle", begun),
        ("create_workflow", lambda: made(data)),
        ("run_workflow", lambda: trained(data)),
    ]


if __name__ == "__main__":
    sys.exit(run_all(commands(sys.argv[1])))
