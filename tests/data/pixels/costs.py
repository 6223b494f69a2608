"""What reading files costs: ``python costs.py WARM`` answers each line ``FUNCTION=FILE`` with one of JSON.

Each file is read in a child forked from a process that has imported and warmed up everything, so that the
child's largest resident memory, less what it began with, is the file's own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

from cxrtk import CxrReadError, labels, pixels


def outcome(function: str, path: str) -> str:
    """The shape of what is read, or the code of the error."""
    try:
        found = getattr(pixels if hasattr(pixels, function) else labels, function)(path)
    except CxrReadError as error:
        return error.code
    return str(getattr(found, "pixels", getattr(found, "masks", found)).shape)


def cost(function: str, path: str) -> dict[str, float | str]:
    """Seconds of the processor, megabytes above the start, and the outcome."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
        began = time.process_time()
        said = outcome(function, path)
        seconds = time.process_time() - began
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        answer = {"seconds": seconds, "megabytes": (most - before) / 1e6, "outcome": said}
        os.write(theirs, json.dumps(answer).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as answers:
        answer = json.loads(answers.read() or b'{"seconds": 1e9, "megabytes": 1e9, "outcome": "crashed"}')
    os.waitpid(child, 0)
    return answer


if __name__ == "__main__":
    outcome("read", sys.argv[1])
    for line in sys.stdin:
        function, _, path = line.strip().partition("=")
        print(json.dumps(cost(function, path)), flush=True)
