"""What MONAI's model zoo asks of a bundle, in full mode: python zoo_rules.py BUNDLE SCHEMA.

Written from the zoo's published rules (ci/verify_bundle.py and README.md of Project-MONAI/model-zoo): files
that must be there and their size, a version with its change, the schema, shapes and types of what the network
takes and gives, and that it becomes TorchScript. Prints what fails; imports no cxrtk.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from monai.bundle import ConfigWorkflow, ckpt_export, verify_metadata, verify_net_in_out

NEEDED = ("LICENSE", "configs/metadata.json", "configs/inference.json", "models/model.pt")
LARGEST = 25_000_000  # bytes of a file


def files(bundle: Path, schema: Path) -> None:
    """Those that must be there are, and none is too large."""
    absent = [name for name in NEEDED if not (bundle / name).is_file()]
    large = [path.name for path in bundle.rglob("*") if path.is_file() and path.stat().st_size > LARGEST]
    assert not absent and not large, (absent, large)


def versions(bundle: Path, schema: Path) -> None:
    """The version has a line in the changelog."""
    metadata = json.loads((bundle / "configs" / "metadata.json").read_text())
    assert metadata["version"] in metadata["changelog"]


def form(bundle: Path, schema: Path) -> None:
    """The metadata fit the schema."""
    verify_metadata(str(bundle / "configs" / "metadata.json"), filepath=str(schema))


def properties(bundle: Path, schema: Path) -> None:
    """All that MONAI looks for in a config for inference is there, under its name."""
    config = bundle / "configs" / "inference.json"
    workflow = ConfigWorkflow(
        str(config), workflow_type="inference", bundle_root=str(bundle), datalist=["x.png"]
    )
    workflow.initialize()
    missing = workflow.check_properties()
    assert not missing, missing


def shapes(bundle: Path, schema: Path) -> None:
    """The network takes and gives what the metadata say, at the smallest size and at twice of it."""
    for n in (1, 2):
        verify_net_in_out("network_def", device="cpu", n=n, **named(bundle))


def script(bundle: Path, schema: Path) -> None:
    """The network becomes TorchScript, and the one that is there computes the same."""
    with TemporaryDirectory() as folder:
        made = Path(folder, "verify_model.ts")
        ckpt_export(
            "network_def", filepath=str(made), ckpt_file=str(bundle / "models" / "model.pt"), **named(bundle)
        )
        new, own = torch.jit.load(str(made)), torch.jit.load(str(bundle / "models" / "model.ts"))
    channels = json.loads((bundle / "configs" / "metadata.json").read_text())["network_data_format"]["inputs"]
    image = torch.rand(1, channels["image"]["num_channels"], 128, 128)
    with torch.no_grad():
        torch.testing.assert_close(new(image), own(image))


def named(bundle: Path) -> dict[str, str]:
    """The arguments by which MONAI's commands find a bundle."""
    return {
        "meta_file": str(bundle / "configs" / "metadata.json"),
        "config_file": str(bundle / "configs" / "inference.json"),
        "bundle_root": str(bundle),
    }


RULES: tuple[Callable[[Path, Path], None], ...] = (files, versions, form, properties, shapes, script)


def main(bundle: Path, schema: Path) -> int:
    """Check all rules; return 1 if one is broken."""
    sys.path.insert(0, str(bundle))  # as the zoo does, for code in scripts/
    broken = 0
    for rule in RULES:
        try:
            rule(bundle, schema)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is printed and counted
            broken = 1
            print(f"{rule.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
    return broken


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
