"""The bundle from Python: the same run as `python -m monai.bundle run`, with the objects at hand.

python examples/train_from_python.py [DATASET_DIR [id=value ...]]
"""

import sys

from monai.bundle import ConfigWorkflow

from cxrtk.bundles import shipped
from cxrtk.cli.settings import parse_settings


def main(dataset_dir: str = "", *settings: str) -> None:
    """Train, and print the best validation Dice; without a folder, on the built-in sample."""
    config = shipped()["unet_cxr"]
    workflow = ConfigWorkflow(
        config_file=str(config),
        meta_file=str(config.with_name("metadata.json")),
        logging_file=str(config.with_name("logging.conf")),
        workflow_type="train",
        dataset_dir=dataset_dir,
        **parse_settings(settings),
    )
    workflow.initialize()
    workflow.run()
    evaluator = workflow.parser.get_parsed_content("validate#evaluator")
    print(
        f"best validation Dice: {evaluator.state.best_metric:.4f}, epoch {evaluator.state.best_metric_epoch}"
    )
    workflow.finalize()


if __name__ == "__main__":
    main(*sys.argv[1:])
