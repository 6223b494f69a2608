"""`cxrtk segment` in a process of its own, killed or stopped: continued, it ends with the same bytes."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

COUNT = 12


@pytest.fixture(scope="module")
def images(tmp_path_factory, cxrtk_data):
    folder = tmp_path_factory.mktemp("in")
    for path in sorted((cxrtk_data / "openist" / "images").iterdir())[:COUNT]:
        shutil.copy(path, folder)
    return folder


def start(images, output, model, *more) -> subprocess.Popen:
    arguments = ["segment", "-i", images, "-o", output, "--model", model, "--batch-size", 1, *more]
    command = [sys.executable, "-m", "cxrtk", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def content(folder) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, images, lung_model):
    output = tmp_path_factory.mktemp("whole") / "out"
    process = start(images, output, lung_model)
    process.communicate(timeout=120)
    assert process.returncode == 0
    return content(output)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGTERM, 143),
        pytest.param(signal.SIGKILL, -9, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow),
    ],
)
def test_stopped_and_continued(images, undisturbed, lung_model, tmp_path, number, code):
    """In the middle of a batch: the exit code of a shell, a line on how to go on, then the same bytes."""
    output = tmp_path / "out"
    process = start(images, output, lung_model)
    manifest, until = output / "manifest.jsonl", time.monotonic() + 60
    while not (manifest.exists() and manifest.read_text().count("\n") >= 3) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(number)
    stopped = time.monotonic()
    _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert time.monotonic() - stopped < 6
    assert 3 <= manifest.read_text().count("\n") < COUNT
    if number != signal.SIGKILL:
        name = signal.Signals(number).name
        assert f"cxrtk: Stopped by {name}; continue with: the same command with --continue" in said
        assert "Traceback" not in said
    again = start(images, output, lung_model, "--continue")
    again.communicate(timeout=120)
    assert again.returncode == 0 and content(output) == undisturbed
