"""Train the paper's U-Net on the built-in sample, then say where everything lies."""

import os
import subprocess
import sys
from pathlib import Path

from cxrtk.bundles import shipped


def main() -> int:
    """Run the command of the README; return its exit code."""
    config = os.path.relpath(shipped()["unet_cxr"])
    command = [sys.executable, "-m", "monai.bundle", "run", "--config_file", config, *sys.argv[1:]]
    print("$ python -m monai.bundle run --config_file", config, *sys.argv[1:], flush=True)
    code = subprocess.run(command, check=False).returncode
    if code:
        return code
    run = max(Path("runs").iterdir(), key=lambda folder: folder.stat().st_mtime)
    print(
        f"\nCurves and overlays  {run}/train, {run}/validation; see them by:"
        f"\n                     {Path(sys.executable).parent}/tensorboard --logdir runs"
        f"\nBest checkpoint      {run}/best.pt"
        f"\nTest metrics         {run}/test_metrics.json, one row an image in {run}/test/"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
