"""The share of an epoch in which the training waits for its data, by the number of loading processes.

    python benchmarks/waiting.py --config lungs --images 48 --epochs 3 --workers 0,1,2

A bundle trains on phantoms, whose prepared images stay in memory after the first epoch. Ignite's
`BasicTimeProfiler` times each iteration: until its batch is there, and what the network takes. The first
epoch, which also prepares the images, is left out. Times are wall-clock times, so nothing else should run.
"""

from __future__ import annotations

import argparse
import tempfile
from typing import Any

from ignite.handlers import BasicTimeProfiler
from monai.bundle.workflows import ConfigWorkflow

from cxrtk.bundles import shipped

# Settings by which a config for several data sets trains on phantoms, which have no source.
OWN: dict[str, dict[str, Any]] = {
    "unet_cxr": {},
    "lungs": {
        "train#dataloader#sampler": None,
        "train#dataloader#shuffle": True,
        "validate#dataset#data": "$@datalists.validation",
        "test#dataset#data": "$@datalists.test",
        "stratify_by": None,
    },
}


def measure(
    config: str, images: int, epochs: int, workers: int, settings: dict[str, Any]
) -> tuple[float, float]:
    """Seconds of an epoch after the first, and the share of them that were spent waiting."""
    names = ["unet_cxr"] if config == "unet_cxr" else ["unet_cxr", config]
    with tempfile.TemporaryDirectory() as folder:
        workflow = ConfigWorkflow(
            config_file=[str(shipped()[name]) for name in names],
            workflow_type="train",
            logging_file=False,
            dataset_dir=folder,
            reader={"_target_": "cxrtk.readers.create", "name": "phantom", "count": images, "size": 256},
            labels="files",
            output_dir=folder,
            overlays=0,
            max_epochs=epochs,
            val_interval=epochs,
            num_workers=workers,
            **OWN[config],
            **settings,
        )
        workflow.initialize()
        profiler = BasicTimeProfiler()
        profiler.attach(workflow.parser.get_parsed_content("train#trainer"))
        workflow.run()
        later = len(profiler.dataflow_times) // epochs
        waiting = float(profiler.dataflow_times[later:].sum())
        working = float(profiler.processing_times[later:].sum())
    return (waiting + working) / (epochs - 1), waiting / (waiting + working)


def main(arguments: list[str] | None = None) -> None:
    """Print a row for each number of loading processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--config", choices=OWN, default="lungs")
    parser.add_argument("--images", type=int, default=48)
    parser.add_argument("--image_size", type=int, default=256)
    parser.add_argument("--batch_size", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--workers", default="0,1,2", help="numbers of processes, separated by commas")
    options = parser.parse_args(arguments)
    if options.epochs < 2:
        parser.error("--epochs must be 2 or more, since the first is left out")
    settings = {"image_size": options.image_size, "batch_size": options.batch_size}
    rows = [
        (workers, *measure(options.config, options.images, options.epochs, workers, settings))
        for workers in map(int, options.workers.split(","))
    ]
    print("| loading processes | seconds an epoch | waiting for data |\n| --- | --- | --- |")
    for workers, seconds, share in rows:
        print(f"| {workers} | {seconds:.2f} | {100 * share:.1f}% |", flush=True)


if __name__ == "__main__":
    main()
