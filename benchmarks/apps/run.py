"""Apps that take an exported bundle, each in an environment of its own: benchmarks/apps/run.py [FOLDER].

Exports the shipped model, makes an environment without cxrtk, installs MONAI Label and what it needs, and
runs `monai_label.py` on ten images of JSRT. Says what it downloads.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.apps.environment import make_environment
from cxrtk.bundles.zoo import write_bundle

HERE = Path(__file__).parent
DATA = Path(os.environ.get("CXRTK_DATA") or HERE.parents[2] / "shared" / "data") / "jsrt"
# Without their dependencies, most of which are there: MONAI Label would bring another torch.
PACKAGES = (
    "monailabel==0.8.5", "torchvision", "watchdog", "timeloop", "schedule", "shapely", "pynrrd", "itk",
    "itk-core", "itk-io", "itk-numerics", "itk-filtering", "itk-registration", "itk-segmentation",
    "expiring_dict", "cachetools", "pydantic-settings", "python-dotenv", "requests-toolbelt", "bcrypt",
    "passlib", "pyjwt", "dicomweb-client",
)  # fmt: skip


def main(folder: Path) -> int:
    """Try the apps; return the exit code of the first that fails."""
    bundle = folder / "lung_cxr_segmentation"
    if not bundle.exists():
        write_bundle("lungs", bundle)
    python = make_environment(folder / "monai_label")
    (packages,) = (folder / "monai_label").glob("lib/python*/site-packages")
    print(f"Downloads into {packages}: {', '.join(PACKAGES)}", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages)]
    subprocess.run([*pip, *PACKAGES], check=True)
    return subprocess.run([python, HERE / "monai_label.py", bundle, DATA], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="cxrtk-apps-"))))
