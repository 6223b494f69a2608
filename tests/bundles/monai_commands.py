"""MONAI's own checks of one config, in a fresh process: python monai_commands.py NAME FOLDER.

What they write goes to FOLDER, which is not the working directory. Prints what fails, with its error.
"""

import json
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import monai.bundle
import onnx
import torch
from monai.bundle import ConfigParser

from cxrtk.bundles.shipped import metadata, schema, stack

SIDES = (64, 128)  # pixels; each is a multiple of every network's step


def commands(name: str, folder: Path) -> list[tuple[str, Callable[[], Any]]]:
    """Each check by its name, in order."""
    files, meta = [str(path) for path in stack(name)], str(metadata(name))
    config = {"config_file": files, "meta_file": meta}
    step = int(
        json.loads(Path(meta).read_text())["network_data_format"]["inputs"]["image"]["spatial_shape"][0][:-2]
    )
    weights, script, graph = (str(folder / file) for file in ("w.pt", "w.ts", "w.onnx"))
    parser = ConfigParser(ConfigParser.load_config_files(files))

    def save() -> None:
        torch.save(parser.get_parsed_content("network_def").state_dict(), weights)

    def export() -> None:
        monai.bundle.ckpt_export("network_def", filepath=script, ckpt_file=weights, **config)
        same(torch.jit.load(script))

    def same(exported: Any) -> None:
        network = parser.get_parsed_content("network_def").eval()
        channels = next(p for p in network.parameters() if p.dim() == 4).shape[1]
        image = torch.rand(2, channels, 64, 128)
        with torch.no_grad():
            torch.testing.assert_close(exported.eval()(image), network(image), atol=1e-4, rtol=1e-4)

    def to_onnx() -> None:
        monai.bundle.onnx_export("network_def", filepath=graph, ckpt_file=weights, **config)
        onnx.checker.check_model(graph)

    return [
        ("verify_metadata", lambda: monai.bundle.verify_metadata(meta, filepath=str(schema()))),
        *(
            (f"verify_net_in_out {side}", lambda n=side // step: monai.bundle.verify_net_in_out(
                "network_def", device="cpu", n=n, **config))
            for side in SIDES
        ),
        ("weights", save),
        ("ckpt_export", export),
        ("onnx_export", to_onnx),
    ]  # fmt: skip


def run_all(named: Sequence[tuple[str, Callable[[], Any]]]) -> int:
    """Run all; print those that fail, and return 1 if one does."""
    failed = 0
    warnings.simplefilter("ignore")  # those of torch about its own exporters
    for command, run in named:
        try:
            run()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is printed and counted
            failed = 1
            print(f"{command}: {type(error).__name__}: {error}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(run_all(commands(sys.argv[1], Path(sys.argv[2]))))
