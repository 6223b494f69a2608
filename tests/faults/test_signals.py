"""SIGTERM and Ctrl-C: the right exit code in seconds, the last epoch kept, a line that says how to go on."""

import re
import signal
from pathlib import Path

import pytest
from client import weights_hash
from harness import Plan

from cxrtk.training import checkpoints, record

CODES = [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
LINE = re.compile(r"cxrtk: Stopped by SIG(TERM|INT); continue with: .* --resume_from runs/a")


def stopped(server, tmp_path: Path, **fault):
    """A training in which a signal arrives."""
    return server.run(Plan(str(tmp_path), fault="signal_in", arguments=fault))


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), CODES)
@pytest.mark.parametrize(
    ("place", "count", "epochs"),
    [("reading", 3, 0), ("training", 5, 1), ("validation", 2, 1), ("save", 9, 1), ("training", 11, 3)],
)
def test_a_signal_in_any_phase(server, undisturbed, tmp_path, number, code, place, count, epochs):
    """Reading, training, validation and saving: code, line, record, epochs kept, and the same bits later."""
    ended = stopped(server, tmp_path, place=place, number=int(number), count=count)
    assert ended.code == code, ended.text
    assert ended.seconds < 5
    assert LINE.fullmatch(ended.last_line) and "Traceback" not in ended.text
    folder = tmp_path / "runs" / "a"
    assert record.read(folder)["status"] == "stopped"
    kept = checkpoints.epoch_files(folder)
    assert (kept[0][0] if kept else 0) == epochs
    assert server.run(Plan(str(tmp_path), resume="latest")).code == 0
    assert weights_hash(folder / "last.pt") == undisturbed[0]


def test_two_at_once_end_it_now(server, tmp_path):
    """The second signal does not wait for the first one's unwinding."""
    ended = stopped(server, tmp_path, place="training", number=int(signal.SIGINT), count=5, times=2)
    assert ended.code == 130 and ended.seconds < 3


@pytest.mark.parametrize(("number", "code"), CODES)
def test_a_signal_in_one_long_call(server, undisturbed, tmp_path, number, code):
    """Python lets no handler run in a call of 20 seconds; the process ends within five all the same."""
    arguments = {"number": int(number), "seconds": 20}
    ended = server.run(Plan(str(tmp_path), fault="busy_when_signalled", arguments=arguments))
    assert ended.code == code and ended.seconds < 5.5
    assert LINE.fullmatch(ended.last_line)
    assert server.run(Plan(str(tmp_path), resume="latest")).code == 0
    assert weights_hash(tmp_path / "runs" / "a" / "last.pt") == undisturbed[0]


def test_a_signal_with_workers(server, undisturbed, tmp_path):
    """The worker processes, too, are gone, and none of them says that it was stopped."""
    arguments = {"place": "training", "number": int(signal.SIGTERM), "count": 5}
    ended = server.run(Plan(str(tmp_path), workers=2, fault="signal_in", arguments=arguments))
    assert ended.code == 143 and ended.text.count("Stopped by") == 1
    assert server.run(Plan(str(tmp_path), resume="latest", workers=2)).code == 0
    assert weights_hash(tmp_path / "runs" / "a" / "last.pt") == undisturbed[2]
