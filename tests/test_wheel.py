"""What an installation holds: every module, config, template and model of the checkout."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"cxrtk": "cxrtk", "plugins": "cxrtk_plugins", "bundles": "cxrtk_bundles"}  # folder -> package


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Names and sizes of a wheel's files, built by pip without a network; from a copy of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-index"]
    offline = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    ended = subprocess.run([*pip, *offline], capture_output=True, text=True, timeout=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (path,) = folder.glob("cxrtk-*.whl")
    with zipfile.ZipFile(path) as file:
        return {each.filename: each.file_size for each in file.infolist()}


@pytest.mark.parametrize("folder", PACKAGES)
def test_it_holds_the_folder(wheel, folder):
    """Every file below it, under the package's name."""
    files = [
        path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    names = {f"{PACKAGES[folder]}/{path.relative_to(ROOT / folder).as_posix()}" for path in files}
    assert len(names) > 5 and names - set(wheel) == set()


def test_the_models_are_small_enough(wheel):
    """At most 25 MB all of them together, and one at least."""
    models = {name: size for name, size in wheel.items() if name.endswith(".safetensors")}
    assert models and sum(models.values()) <= 25e6


def test_every_licence_travels(wheel):
    """That of the code, and one for the weights of each model, beside them and among the wheel's licences."""
    beside = {path.name for path in (ROOT / "cxrtk" / "models").glob("*.LICENSE")}
    models = {Path(name).stem for name in wheel if name.endswith(".safetensors")}
    assert {f"{model}.LICENSE" for model in models} <= beside
    assert {f"cxrtk/models/{name}" for name in beside} <= set(wheel)
    licences = {name.rpartition("/")[2] for name in wheel if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", *beside}
