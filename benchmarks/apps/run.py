"""Apps that take an exported bundle, each in an environment of its own: benchmarks/apps/run.py [FOLDER].

Exports the shipped model, makes environments without cxrtk, says what it downloads, installs MONAI Label and
MONAI Deploy with what they need, and runs `monai_label.py` on ten images and `monai_deploy.py` on one.
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
# Without their dependencies, most of which are there: MONAI Label would bring another torch, and MONAI Deploy
# the libraries of CUDA, of which Holoscan needs one even on a CPU.
PACKAGES = {
    "monai_label": (
        "monailabel==0.8.5", "torchvision", "watchdog", "timeloop", "schedule", "shapely", "pynrrd", "itk",
        "itk-core", "itk-io", "itk-numerics", "itk-filtering", "itk-registration", "itk-segmentation",
        "expiring_dict", "cachetools", "pydantic-settings", "python-dotenv", "requests-toolbelt", "bcrypt",
        "passlib", "pyjwt", "dicomweb-client",
    ),
    "monai_deploy": (
        "monai==1.6.1", "monai-deploy-app-sdk==4.0.0", "holoscan-cu12==4.6.0", "nvidia-cuda-runtime-cu12",
        "colorama", "typeguard", "cloudpickle", "wheel-axle-runtime", "tritonclient", "python-rapidjson",
        "geventhttpclient", "gevent", "zope.event", "zope.interface", "greenlet", "brotli", "aiohttp",
        "multidict", "yarl", "frozenlist", "aiosignal", "propcache", "aiohappyeyeballs",
    ),
}  # fmt: skip


def main(folder: Path) -> int:
    """Try the apps; return the exit code of the first that fails."""
    bundle = folder / "lung_cxr_segmentation"
    if not bundle.exists():
        write_bundle("lungs", bundle)
    return next((code for app in PACKAGES if (code := run(app, folder, bundle))), 0)


def run(app: str, folder: Path, bundle: Path) -> int:
    """Install an app in an environment of its own, and return the exit code of its script."""
    python = make_environment(folder / app)
    (packages,) = (folder / app).glob("lib/python*/site-packages")
    if app == "monai_deploy":
        (packages / "monai").unlink()  # a link; MONAI Deploy lies in the same package, and needs a copy
    print(f"Downloads into {packages}: {', '.join(PACKAGES[app])}", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages)]
    subprocess.run([*pip, *PACKAGES[app]], check=True)  # at once: some of them share a folder
    libraries = ":".join(str(path) for path in packages.glob("nvidia/*/lib"))
    variables = {**os.environ, "LD_LIBRARY_PATH": libraries}
    script = [python, HERE / f"{app}.py", bundle, DATA]
    return subprocess.run(script, env=variables, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp(prefix="cxrtk-apps-"))))
