"""What several tests share: real data, programs, trained runs, dropped-in plugins, the command line."""

import importlib
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parent.parent
os.environ["CXRTK_BACKEND"] = "torch"  # the same on every machine; tests of other backends name them
os.environ["CXRTK_SETTINGS"] = os.devnull  # not those of who runs the tests


@pytest.fixture(scope="session")
def cxrtk_data() -> Path:
    """The folder of real images: ``CXRTK_DATA``, or ``../shared/data`` beside the checkout."""
    folder = Path(os.environ.get("CXRTK_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        lacking(f"{folder}: no real data; set CXRTK_DATA, see docs/data.md")
    return folder.resolve()


def lacking(reason: str) -> NoReturn:
    """Skip where a developer's machine lacks something; in CI, which is to have it, fail."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def require_program() -> Callable[[str, str], str]:
    """A function: a program's name and Debian's package -> its path; without it see `lacking`."""

    def require(name: str, package: str) -> str:
        return shutil.which(name) or lacking(f"needs {name}; on Debian: apt-get install {package}")

    return require


@pytest.fixture(scope="session")
def require_module() -> Callable[[str, str], Any]:
    """A function: a module's name and the extra that has it -> the module; without it see `lacking`."""

    def require(name: str, extra: str) -> Any:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            lacking(f"needs {name}: pip install cxrtk[{extra}]")

    return require


@pytest.fixture(scope="session")
def orthanc_server(
    require_program: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A real Orthanc for all tests of this process; tests use `orthanc`."""
    from tests import orthanc

    program = require_program("Orthanc", "orthanc")
    if not orthanc.PLUGIN.exists():
        lacking(f"needs {orthanc.PLUGIN}; on Debian: apt-get install orthanc-dicomweb")
    with orthanc.running(program, tmp_path_factory.mktemp("orthanc")) as server:
        yield server


@pytest.fixture
def orthanc(orthanc_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An empty Orthanc, `tests.orthanc.Orthanc`, whose credentials are in the environment."""
    from tests.orthanc import PASSWORD, USER

    orthanc_server.clear()
    orthanc_server.ask("DELETE", "/changes")
    monkeypatch.setenv("CXRTK_DICOMWEB_USER", USER)
    monkeypatch.setenv("CXRTK_DICOMWEB_PASSWORD", PASSWORD)
    return orthanc_server


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function: a name and what fills an empty folder -> that folder.

    One worker of pytest-xdist makes it for all. Tests read what is in it and change nothing.
    """
    base = tmp_path_factory.getbasetemp()
    root = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    def made(name: str, fill: Callable[[Path], object]) -> Path:
        folder, whole = root / f"once-{name}", root / f"once-{name}.whole"
        with FileLock(root / f"once-{name}.lock"):
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                fill(folder)
                whole.touch()
        return folder

    return made


LEVELS = {logging.getLogger(name): logging.getLogger(name).level for name in ("", "cxrtk")}


@pytest.fixture(autouse=True)
def log_levels_as_they_were() -> Iterator[None]:
    """A training in this process sets levels, which are given back: other tests count what is logged."""
    yield
    for logger, level in LEVELS.items():
        logger.setLevel(level)


class PluginFolder:
    """A plugin folder under ``CXRTK_PLUGINS``, for this process and those it starts."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, kind: str, name: str, text: str) -> Path:
        """Write ``<kind>/<name>.py``."""
        file = self.path / kind / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return file


@pytest.fixture
def use_plugin_folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A function that makes folders those of ``CXRTK_PLUGINS``; afterwards all registries are as before."""
    import cxrtk.local
    from cxrtk.discovery import warn_once
    from cxrtk.registry import registries

    def use(*folders: Path) -> None:
        monkeypatch.setenv("CXRTK_PLUGINS", os.pathsep.join(map(str, folders)))
        monkeypatch.setattr(cxrtk.local, "__path__", [str(folder) for folder in folders])

    before = {kind: registry._factories.copy() for kind, registry in registries.items()}
    modules = {name: module for name, module in sys.modules.items() if name.startswith("cxrtk_plugins.")}
    warn_once.cache_clear()
    yield use
    for kind, registry in registries.items():
        registry._factories = before[kind]
    sys.modules.update(modules)  # the ones that define these factories, should a test have imported others
    for module in [name for name in sys.modules if name.startswith("cxrtk.local.")]:
        del sys.modules[module]


@pytest.fixture
def plugin_folder(tmp_path: Path, use_plugin_folders: Callable[..., None]) -> PluginFolder:
    """An empty plugin folder, named by ``CXRTK_PLUGINS``."""
    folder = PluginFolder(tmp_path / "my_plugins")
    folder.path.mkdir()
    use_plugin_folders(folder.path)
    return folder


@pytest.fixture
def process_as_it_was() -> Iterator[None]:
    """Locks, signal handlers and the error hook belong to a training; after the test they are given back."""
    from cxrtk.process import failures, lock, signals
    from cxrtk.process.work import Current

    yield
    for folder in list(lock._held):
        lock.release(folder)
    signals.release_signals()
    failures.release_errors()
    Current.work = None


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def cxrtk_command(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ended]]:
    """`cxrtk` in this process: ``cxrtk_command("plugins", "--json")``."""
    from cxrtk.cli import main

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    # A training sets up logging to the streams of this test, which are closed after it.
    handlers, level = logging.root.handlers[:], logging.root.level
    yield run
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    logging.getLogger("cxrtk").setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def changed() -> Callable[..., list[str]]:
    """A function: a command's words and options with values -> the words, those options with these values.

    An option that the words have already, by the same spelling, is replaced; others come at the end.
    """

    def change(words: Sequence[object], options: Sequence[object]) -> list[str]:
        old, new = [str(word) for word in words], [str(word) for word in options]
        for name in {word for word in new if word.startswith("-")} & set(old):
            place = old.index(name)
            del old[place : place + 2]
        return [*old, *new]

    return change


@pytest.fixture
def fresh_python(tmp_path: Path) -> Callable[..., Ended]:
    """A new Python in `tmp_path`: ``fresh_python("-m", "cxrtk", CXRTK_PLUGINS="...")``."""

    def run(*arguments: object, **environment: object) -> Ended:
        ended = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "NO_COLOR": "1", **{name: str(value) for name, value in environment.items()}},
            capture_output=True,
            text=True,
            timeout=240,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run


@pytest.fixture(scope="session")
def lung_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file for `cxrtk segment`: a small network with random weights, one class."""
    from monai.networks.nets import UNet

    from cxrtk.models.model_file import ModelSpec, save_model

    arguments = {"spatial_dims": 2, "in_channels": 1, "out_channels": 1, "channels": [4, 8], "strides": [2]}
    network = {"_target_": "monai.networks.nets.UNet", **arguments}
    path = tmp_path_factory.mktemp("model") / "m.safetensors"
    save_model(ModelSpec("m", network, ("lungs",), image_size=64), UNet(**arguments).state_dict(), path)
    return path


def train(folder: Path, bundles: Sequence[str], **settings: object) -> None:
    """Make ``runs/small`` in `folder`: a run of some bundles, one epoch long, by MONAI's command."""
    configs = [str(ROOT / "bundles" / f"{name}.json") for name in bundles]
    settings = {"config_file": str(configs), "max_epochs": 1, "run_name": "small", **settings}
    words = [word for key, value in settings.items() for word in (f"--{key}", str(value))]
    ended = subprocess.run(
        [sys.executable, "-m", "monai.bundle", "run", *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]


@pytest.fixture(scope="session")
def small_nih(made_once: Callable[..., Path], cxrtk_data: Path) -> Path:
    """Fifty of the NIH's images at 64 x 64, with their rows of the table, as `nih_png` reads them."""

    def fill(folder: Path) -> None:
        (table,) = (cxrtk_data / "nih_64px").glob("Data_Entry_2017*")
        header, *rows = table.read_text().splitlines(keepends=True)
        (folder / table.name).write_text("".join([header, *rows[::4]]))
        (folder / "images").mkdir()
        for row in rows[::4]:
            shutil.copy(cxrtk_data / "nih_64px" / "images" / row.split(",")[0], folder / "images")

    return made_once("nih", fill)


@pytest.fixture(scope="session")
def finding_run(made_once: Callable[..., Path], small_nih: Path) -> Path:
    """A run of the bundle `chexnet_cxr`: one epoch on real thumbnails, on the box around their lungs."""

    def fill(folder: Path) -> None:
        train(
            folder, ("unet_cxr", "chexnet_cxr"),
            dataset_dir=small_nih, lungs="cropped", image_size=64,
        )  # fmt: skip

    return made_once("finding_run", fill) / "runs" / "small"


@pytest.fixture(scope="session")
def small_jsrt(made_once: Callable[..., Path], cxrtk_data: Path) -> Path:
    """Ten images of JSRT with their masks, as `image_mask_folder` reads them."""

    def fill(folder: Path) -> None:
        for sub in ("images", "masks"):
            (folder / sub).mkdir()
            for path in sorted((cxrtk_data / "jsrt" / sub).iterdir())[:10]:
                shutil.copy(path, folder / sub)

    return made_once("jsrt", fill)


@pytest.fixture(scope="session")
def lung_run(made_once: Callable[..., Path], small_jsrt: Path) -> Path:
    """A run of the paper's U-Net: one epoch on ten radiographs at 32 x 32, three of which test."""

    def fill(folder: Path) -> None:
        train(
            folder, ("unet_cxr", "human_masks"),
            dataset_dir=small_jsrt, image_size=32, **{"reader#heart": "excluded"},
        )  # fmt: skip

    return made_once("lung_run", fill) / "runs" / "small"
