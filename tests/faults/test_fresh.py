"""The bundle in processes of its own, by the command of the README: killed, stopped, resumed, refused."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from client import until, weights_hash

from cxrtk import phantom
from cxrtk.bundles import shipped
from cxrtk.training import checkpoints, metrics_log

pytestmark = pytest.mark.slow  # each test starts Python and MONAI several times
BUNDLES = shipped()["unet_cxr"].parent
SMALL = ["image_size=32", "batch_size=4", "network_def#name=basic_unet", "overlays=1", "device=cpu"]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Twelve phantoms in the layout of ChestX-ray14."""
    return phantom.write_nih(tmp_path_factory.mktemp("data") / "set", count=12, size=64)


def monai_command(data: Path, *words: str) -> list[str]:
    """``python -m monai.bundle run`` with these overrides."""
    command = [sys.executable, "-m", "monai.bundle", "run", "--config_file", str(BUNDLES / "unet_cxr.json")]
    command += [
        "--meta_file",
        str(BUNDLES / "metadata.json"),
        "--logging_file",
        str(BUNDLES / "logging.conf"),
    ]
    for setting in (*SMALL, f"dataset_dir={data}", *words):
        name, _, value = setting.partition("=")
        command += [f"--{name}", value]
    return command


def cxrtk_command(data: Path, *words: str) -> list[str]:
    """``cxrtk train`` with the same."""
    command = [sys.executable, "-m", "cxrtk", "train", "unet_cxr"]
    for setting in (*SMALL, f"dataset_dir={data}", *words):
        command += ["--set", setting]
    return command


COMMANDS = {"monai": monai_command, "cxrtk": cxrtk_command}


def start(folder: Path, command: list[str]) -> subprocess.Popen[str]:
    """Start a command in `folder`."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and what was written to stderr."""
    _, error = process.communicate(timeout=200)
    return process.returncode, error


def run(folder: Path, command: list[str]) -> tuple[int, str]:
    """Run a command to its end."""
    return end(start(folder, command))


def interrupted(folder: Path, command: list[str], number: int, epoch: int = 2) -> tuple[int, str]:
    """Send a signal once the checkpoint of an epoch is there."""
    process = start(folder, command)
    until(lambda: (folder / "runs" / "a" / f"checkpoint_epoch={epoch}.pt").exists(), limit=120)
    process.send_signal(number)
    return end(process)


@pytest.fixture(scope="module")
def undisturbed(data, tmp_path_factory) -> str:
    """Hash of the weights after eight epochs without a fault."""
    folder = tmp_path_factory.mktemp("undisturbed")
    code, error = run(folder, monai_command(data, "max_epochs=8", "run_name=a"))
    assert code == 0, error
    return weights_hash(folder / "runs" / "a" / "last.pt")


def test_killed_stopped_and_resumed(data, undisturbed, tmp_path):
    """MONAI's command killed, ours stopped, then the end by the line that was printed: the same bits."""
    code, _ = interrupted(tmp_path, monai_command(data, "max_epochs=8", "run_name=a"), signal.SIGKILL)
    assert code == -9
    again = cxrtk_command(data, "max_epochs=8", "resume_from=a")
    code, error = interrupted(tmp_path, again, signal.SIGTERM, epoch=4)
    assert code == 143
    line = error.splitlines()[-1]
    printed = re.fullmatch(
        r"cxrtk: Stopped by SIGTERM; continue with: cxrtk (train --resume-from runs/a)", line
    )
    assert printed, error
    code, error = run(tmp_path, [sys.executable, "-m", "cxrtk", *printed[1].split()])
    assert code == 0, error
    folder = tmp_path / "runs" / "a"
    assert weights_hash(folder / "last.pt") == undisturbed
    assert [row["epoch"] for row in metrics_log.read(folder)] == list(range(1, 9))
    assert json.loads((folder / "test_metrics.json").read_text())["images"] == 4


def test_ctrl_c_of_monais_command(data, tmp_path):
    """Exit code 130, no traceback, and MONAI's own command as the way to go on."""
    code, error = interrupted(tmp_path, monai_command(data, "max_epochs=50", "run_name=a"), signal.SIGINT)
    assert code == 130 and "Traceback" not in error
    last = error.splitlines()[-1]
    assert last.startswith(
        "cxrtk: Stopped by SIGINT; continue with: python -m monai.bundle run --config_file "
    )
    assert last.endswith("--resume_from runs/a") and "--run_name" not in last


@pytest.mark.parametrize("name", list(COMMANDS))
def test_a_learning_rate_of_1e30(data, tmp_path, name):
    """Exit code 4 from either command; the last line names the images; nothing is the end of a good run."""
    code, error = run(tmp_path, COMMANDS[name](data, "learning_rate=1e30", "run_name=a"))
    assert code == 4, error
    assert "images of the batch: " in error.splitlines()[-1] and ".png" in error.splitlines()[-1]
    assert not (tmp_path / "runs" / "a" / "last.pt").exists()


@pytest.mark.parametrize("name", list(COMMANDS))
def test_one_bad_image_among_many(data, tmp_path, name):
    """A PNG cut short: exit code 2, and the last line is about it, whoever runs the bundle."""
    folder = tmp_path / "set"
    subprocess.run(["cp", "-r", str(data), str(folder)], check=True)
    image = sorted((folder / "images").glob("*.png"))[3]
    image.write_bytes(image.read_bytes()[:-200])
    code, error = run(tmp_path, COMMANDS[name](folder, "run_name=a"))
    assert code == 2, error
    assert str(image) in error.splitlines()[-1]


def test_false_resumes_nothing(data, tmp_path):
    """``--resume_from false``, which MONAI's command line makes a word of."""
    code, error = run(tmp_path, monai_command(data, "resume_from=false"))
    assert code == 2
    assert "--resume_from false: is not a run" in error.splitlines()[-1]


def test_a_typo_is_refused_before_anything_runs(data, tmp_path):
    """MONAI trains with the default; we say which id was meant, with exit code 2, and make no folder."""
    code, error = run(tmp_path, cxrtk_command(data, "max_epoch=1"))
    assert code == 2
    assert "max_epoch" in error and "max_epochs" in error
    assert not (tmp_path / "runs").exists()


def test_checkpoints_of_the_bundle_are_whole(data, tmp_path):
    """After a kill in the third epoch each file that is there can be loaded."""
    interrupted(tmp_path, monai_command(data, "max_epochs=50", "run_name=a"), signal.SIGKILL, epoch=3)
    files = checkpoints.epoch_files(tmp_path / "runs" / "a")
    assert len(files) >= 2
    for epoch, path in files:
        assert checkpoints.load(path)["progress"]["epoch"] == epoch
