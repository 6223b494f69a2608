"""One process that has everything imported and forks a child for each training it is asked for.

A fresh process costs seconds of imports, a forked one 0.3 s. It is asked by lines of JSON on stdin and
answers on stdout. It forks from a single thread: no lock is held by a thread that a child does not have.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import sys
import tempfile
import threading
from typing import Any, NoReturn

import harness
import torch
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from cxrtk.process.failures import release_errors, report
from cxrtk.process.signals import release_signals


def warm() -> None:
    """Train once, so that the children need no lazy import."""
    torch.set_num_threads(1)
    tqdm.monitor_interval = 0  # no thread to watch the progress bars
    with tempfile.TemporaryDirectory() as folder:
        trainer = harness.build(harness.Plan(folder, epochs=1), folder)
        trainer.run()
        for writer in [each for each in gc.get_objects() if isinstance(each, SummaryWriter)]:
            writer.close()  # each holds a thread
    release_errors()
    release_signals()
    if threading.active_count() > 1:
        raise RuntimeError(f"threads are left: {threading.enumerate()}")


def end(request: dict[str, Any]) -> NoReturn:
    """In the child: train, and end with the exit code that `cxrtk train` would end with.

    Without Python's own end, which takes two seconds to tear down what the parent imported.
    """
    code: Any = 0
    try:
        harness.child(harness.Plan(**request["plan"]), request["output"])
    except SystemExit as exit:
        code = exit.code
    except BaseException as error:  # noqa: BLE001 - all that Python itself would report
        code = report(error)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def main() -> None:
    """Serve until stdin ends."""
    warm()
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            end(request)
        print(json.dumps(pid), flush=True)


if __name__ == "__main__":
    main()
