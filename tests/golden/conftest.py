"""Inputs for all cases, and the option that renews what is recorded."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.metadata
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import typer.main

from tests.golden.cases import CASES
from tests.golden.environment import Environment
from tests.golden.forks import forking, serving
from tests.golden.inputs import write_inputs

# These register themselves where they are imported, and are for the commands of the cases alone.
collect_ignore_glob = ["plugins/*"]
RENEW, REAL = "--renew-golden", "--real-workers"
PLUGINS = Path(__file__).parent / "plugins"
RECORDED = Path(__file__).parent / "recorded"
ENVIRONMENT = RECORDED / "environment.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(RENEW, action="store_true", help="Write what the verbs do now as the golden outputs.")
    parser.addoption(REAL, action="store_true", help="Start each process that reads files anew, as users do.")


@pytest.fixture(scope="session")
def renew(request: pytest.FixtureRequest) -> bool:
    """Whether to write instead of to compare; the option is known where these tests are named.

    Some cases alone can be written only where the others were.
    """
    if not request.config.getoption(RENEW, default=False):
        return False
    if hasattr(request.config, "workerinput"):
        pytest.exit(f"{RENEW} writes files that several workers would share; leave out -n.", returncode=2)
    every = {f"[{case.id}]" for case in CASES}
    asked = {item.name[item.name.find("[") :] for item in request.session.items}
    if every <= asked:
        shutil.rmtree(RECORDED, ignore_errors=True)  # with the files of cases that are gone
        RECORDED.mkdir()
        Environment.here().write(ENVIRONMENT)
    elif Environment.read(ENVIRONMENT) != Environment.here():
        pytest.exit(f"The other cases were recorded elsewhere (see {ENVIRONMENT}); renew all.", returncode=2)
    return True


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where workers are forked; empty where each is started anew."""
    if request.config.getoption(REAL, default=False):
        yield ""
        return
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "s", PLUGINS) as place:
        yield place


@pytest.fixture(scope="session")
def once() -> dict[str, Callable[..., object]]:
    """Functions that take long and always give the same, each called once."""
    for module in ("monai.networks.nets", "monai.transforms"):
        importlib.import_module(module)  # what these change of Python's warnings is then done
    return {
        "typer.main.get_command": functools.cache(typer.main.get_command),
        "cxrtk.discovery.entry_points": functools.cache(importlib.metadata.entry_points),
    }


@pytest.fixture
def hurry(
    server: str, once: Mapping[str, Callable[..., object]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Spare the seconds that each command takes to look around and to start workers.

    Where such a part of `cxrtk` gets another name, it takes its time again, and the tests are slower.
    """
    for name, function in once.items():
        monkeypatch.setattr(name, function, raising=False)
    with forking(server) if server else contextlib.nullcontext():
        yield


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[int, int]]]:
    """The folder with all inputs, where all commands run, and its state."""
    folder = tmp_path_factory.mktemp("golden")
    write_inputs(folder)
    return folder, _state(folder)


@pytest.fixture
def work(inputs: tuple[Path, dict[str, tuple[int, int]]]) -> Iterator[Path]:
    """The folder with all inputs; no command may change one, or write outside of ``out/``."""
    folder, before = inputs
    yield folder
    after = _state(folder)
    changed = sorted(str(path) for path, _ in before.items() ^ after.items())
    assert not changed, f"not the case's own: {', '.join(dict.fromkeys(changed))}"


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    files = (path for path in folder.rglob("*") if path.relative_to(folder).parts[0] != "out")
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files if path.is_file()}
