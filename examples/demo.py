"""Train the paper's U-Net on the built-in sample, make its page, segment a real radiograph."""

import os
import subprocess
import sys
from pathlib import Path

from pydicom.data import get_testdata_file

from cxrtk.bundles import shipped


def main() -> int:
    """Run the commands of the README; return the exit code."""
    code = train(sys.argv[1:])
    if code:
        return code
    run = max(Path("runs").glob("*/run.json"), key=lambda path: path.stat().st_mtime).parent
    page = run / "report.html"
    code = shown(["-m", "cxrtk", "report", str(run), "-o", str(page)])
    if code:
        return code
    segmented = run / "segmented"
    code = segment(segmented)
    if code:
        return code
    print(
        f"\nOne page of all      {page}"
        f"\nCurves and overlays  {run}/train, {run}/validation; see them by:"
        f"\n                     {Path(sys.executable).parent}/tensorboard --logdir runs"
        f"\nBest checkpoint      {run}/best.pt"
        f"\nTest metrics         {run}/test_metrics.json, one row an image in {run}/test/"
        f"\n\nA real radiograph, segmented by the model that ships:"
        f"\nMasks and measures   {segmented}/RG1_UNCI.png, {segmented}/RG1_UNCI.json"
        f"\nPicture              {segmented}/RG1_UNCI_preview.jpg"
    )
    return 0


def train(settings: list[str]) -> int:
    """The bundle; its exit code."""
    config = os.path.relpath(shipped()["unet_cxr"])
    return shown(["-m", "monai.bundle", "run", "--config_file", config, *settings])


def segment(output: Path) -> int:
    """A radiograph that the package pydicom-data carries; the exit code."""
    radiograph = get_testdata_file("RG1_UNCI.dcm", download=False)
    if radiograph is None:
        print("RG1_UNCI.dcm is missing; install it by: pip install pydicom-data", file=sys.stderr)
        return 2
    return shown(["-m", "cxrtk", "segment", "-i", str(radiograph), "-o", str(output), "--preview"])


def shown(words: list[str]) -> int:
    """Print a command, run it, return its exit code."""
    print("$ python", *words, flush=True)
    return subprocess.run([sys.executable, *words], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
