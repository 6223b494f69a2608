"""Commands of `cxrtk` in environments that lack what a developer's machine has."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMES = ("HOME", "USER", "LOGNAME", "LNAME", "USERNAME", "MPLCONFIGDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")


@pytest.fixture(scope="session")
def chests(made_once) -> Path:
    """A folder of drawn radiographs with masks, as `nih_png` reads it."""

    def make(folder: Path) -> None:
        from cxrtk import phantom

        phantom.write_nih(folder, 6, size=64)

    return made_once("six-chests", make)


@pytest.fixture
def cxrtk() -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function: words of a command, what comes before Python, and variables -> how it ended."""

    def run(
        *words: object, before: Sequence[str] = (), folder: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
        command = [*before, sys.executable, "-m", *map(str, words)]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL
        )

    return run


@pytest.fixture(scope="session")
def nameless(require_program) -> list[str]:
    """What makes a command run under a user's number that has no name, and without a home."""
    without = [word for name in NAMES for word in ("-u", name)]
    number = [require_program("unshare", "util-linux"), "--user", "--map-user=12345", "--map-group=12345"]
    if subprocess.run([*number, "true"], capture_output=True).returncode != 0:  # a container may not
        program = require_program("setpriv", "util-linux")
        reads = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]  # the checkout may be root's
        number = [program, "--reuid=12345", "--regid=12345", "--clear-groups", *reads]
    return [*number, "env", *without]


@pytest.fixture
def public(chests) -> Iterator[Path]:
    """A folder that anybody may read and write, with ``chests`` in it; pytest's own are private."""
    folder = Path(tempfile.mkdtemp())
    shutil.copytree(chests, folder / "chests")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def without_unix(tmp_path_factory) -> str:
    """A value of ``PYTHONPATH`` under which cxrtk finds nothing that only Unix has."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(HERE / "without_unix.py", folder / "sitecustomize.py")
    return str(folder)
