"""Names of TensorBoard's event files: their readers go through a folder in the order of the names."""

from __future__ import annotations

import re
import time
from pathlib import Path

# tensorboard.summary.writer.event_file_writer: seconds since 1970, host, process, counter
NAME = re.compile(r"events\.out\.tfevents\.(\d{10})\.(.*)")


def make_way(folder: Path) -> None:
    """Rename event files in `folder` so that one made now is read after all of them.

    Names order writers of different seconds. Within one second the counter 10 sorts before 9 and a process
    1000 before 999, and a clock that was set back sorts what is new before what is old: TensorBoard would
    then take the epochs that a resumed run writes for those that it drops. The seconds in the names of
    older files are lowered where needed, in their order; times are kept inside the files.

    Args:
        folder: Of the event files, none of which may be open; it need not exist. Other files are left alone.

    Raises:
        OSError: A file cannot be renamed.
    """
    if not folder.is_dir():
        return
    matches = [NAME.fullmatch(path.name) for path in folder.iterdir()]
    second = int(time.time())
    moves = []
    for match in sorted((match for match in matches if match), key=lambda m: m.string, reverse=True):
        second -= 1
        if int(match[1]) <= second:
            break
        moves.append((match.string, f"events.out.tfevents.{second:010d}.{match[2]}"))
    for old, new in reversed(moves):  # the oldest first: no name is taken while another file has it
        (folder / old).rename(folder / new)
