"""A full disk, a folder that cannot be written, two runs in one folder, a clock that jumps."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from client import until, weights_hash
from harness import Plan

from cxrtk.training import checkpoints, record

REFUSED = 2


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, 4, 5, 8, 9])
def test_a_disk_that_fills_up(server, undisturbed, tmp_path, count):
    """One line with the folder and what is free; the checkpoints stay; later the run goes on."""
    ended = server.run(Plan(str(tmp_path), fault="disk_full_at", arguments={"count": count}))
    assert ended.code == REFUSED
    assert f"no space left on {tmp_path / 'runs' / 'a'}" in ended.last_line and "MB" in ended.last_line
    for _, path in checkpoints.epoch_files(tmp_path / "runs" / "a"):
        checkpoints.load(path)
    assert server.run(Plan(str(tmp_path), resume="latest")).code == 0
    assert weights_hash(tmp_path / "runs" / "a" / "last.pt") == undisturbed[0]


def test_a_disk_that_is_too_small_from_the_start(server, tmp_path):
    """Before the first image: what is needed, what is free."""
    ended = server.run(Plan(str(tmp_path), fault="no_space_at_start", arguments={"free": 100}))
    assert ended.code == REFUSED
    assert "need 0.0 MB, have 0.0 MB" in ended.last_line and "epoch 1 done" not in ended.text


def test_a_real_disk_of_40_kilobytes(server, tmp_path, require_program):
    """A tmpfs in a name space of its own, where the system allows one."""
    script = f"""
mount -t tmpfs -o size=96k tmpfs {tmp_path} && cd {tmp_path} && exec {sys.executable} -c "
import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})
import pathlib, torch
from cxrtk.training import checkpoints
from cxrtk import StorageError
good = pathlib.Path('checkpoint_epoch=1.pt')
checkpoints.save({{'model': {{'w': torch.zeros(10000)}}}}, good)
try:
    checkpoints.save({{'model': {{'w': torch.ones(20000)}}}}, pathlib.Path('checkpoint_epoch=2.pt'))
except StorageError as error:
    print(error)
print(sorted(p.name for p in pathlib.Path().iterdir()), float(checkpoints.load(good)['model']['w'].sum()))
"
"""
    command = [require_program("unshare", "util-linux"), "-rm", "sh", "-c", script]
    if subprocess.run([*command[:-1], "true"], capture_output=True).returncode:
        pytest.skip("this system gives no name space of one's own")
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    said, state = ended.stdout.splitlines()
    assert f"no space left on {tmp_path}" in said
    assert state == "['checkpoint_epoch=1.pt'] 0.0"


def test_an_output_folder_that_cannot_be_written(server, tmp_path):
    """At once, before any image is read. Root may write anywhere, so the folder is a file here."""
    (tmp_path / "runs").write_text("")
    ended = server.run(Plan(str(tmp_path)))
    assert ended.code == REFUSED and ended.seconds < 1.5
    assert "runs/a: cannot make the run's folder: Not a directory" in ended.last_line


def test_a_folder_that_may_not_be_written(tmp_path, require_program):
    """Without root's right to write anywhere, in a folder of mode 555: one line, exit code 2."""
    script = (
        "import sys; from cxrtk.training.runs import open_run\n"
        "from cxrtk.process.failures import report\n"
        "try: open_run(sys.argv[1], 'c')\n"
        "except Exception as error: sys.exit(report(error))\n"
    )
    tmp_path.chmod(0o555)
    command = [sys.executable, "-c", script, str(tmp_path / "runs")]
    if os.geteuid() == 0:
        command = [require_program("setpriv", "util-linux"), "--bounding-set=-dac_override", *command]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ended.returncode == REFUSED
    assert "cannot make the run's folder: Permission denied" in ended.stderr.splitlines()[-1]


def test_two_runs_in_one_folder(server, undisturbed, tmp_path):
    """The second is refused and named the first one's process; the first is not touched."""
    first = server.start(Plan(str(tmp_path), fault="slow", arguments={"seconds": 0.1}))
    until(lambda: (tmp_path / "runs" / "a" / "checkpoint_epoch=1.pt").exists())
    second = server.run(Plan(str(tmp_path), resume="runs/a"))
    assert second.code == REFUSED
    assert f"another training runs in this folder (process {first.pid} on " in second.last_line
    assert first.wait().code == 0
    assert weights_hash(tmp_path / "runs" / "a" / "last.pt") == undisturbed[0]


def test_the_lock_of_a_dead_process_is_taken_over(server, tmp_path):
    """With a warning that names it."""
    arguments = {"place": "training", "number": 9, "count": 5}
    killed = server.start(Plan(str(tmp_path), fault="signal_in", arguments=arguments))
    assert killed.wait().code == -9
    ended = server.run(Plan(str(tmp_path), resume="latest"))
    assert ended.code == 0
    assert f"the process that held its lock (process {killed.pid} on " in ended.text


def test_workers_that_outlive_a_killed_run_do_not_hold_its_lock(server, tmp_path):
    """The run can be resumed at once."""
    arguments = {"place": "training", "number": 9, "count": 5}
    plan = Plan(str(tmp_path), workers=2, fault="signal_in", arguments=arguments)
    assert server.run(plan).code == -9
    assert server.run(Plan(str(tmp_path), workers=2, resume="latest")).code == 0


@pytest.mark.parametrize("jump", [-86400 * 365, 86400 * 365])
def test_a_clock_that_jumps(server, undisturbed, tmp_path, jump):
    """The latest run and the latest checkpoint are those of the highest numbers, whatever the times say."""
    assert server.run(Plan(str(tmp_path), run_name="z")).code == 0
    plan = Plan(str(tmp_path), fault="clock", arguments={"jump": jump}, epochs=4)
    assert server.run(plan).code == 0
    folder = tmp_path / "runs" / "a"
    for age, (_, path) in enumerate(checkpoints.epoch_files(folder)):
        os.utime(path, (1e9 + 1e6 * age, 1e9 + 1e6 * age))  # the newer the epoch, the older the file
    (folder / "last.pt").unlink()
    record.update(folder, {"status": "failed"})
    ended = server.run(Plan(str(tmp_path), resume="latest"))
    assert ended.code == 0
    assert record.read(folder)["status"] == "complete"
    assert weights_hash(folder / "last.pt") == undisturbed[0]


def test_curves_that_cannot_be_written(server, undisturbed, tmp_path):
    """A full disk under TensorBoard costs its curves, with a warning, and no training."""
    ended = server.run(Plan(str(tmp_path), fault="curves_fail"))
    assert ended.code == 0
    assert ended.text.count("training continues without curves") == 2  # training and validation, once each
    assert weights_hash(tmp_path / "runs" / "a" / "last.pt") == undisturbed[0]
