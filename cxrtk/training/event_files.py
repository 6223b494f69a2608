"""Order of TensorBoard's event files, which are read in the order of their names."""

from __future__ import annotations

import re
import time
from pathlib import Path

# tensorboard.summary.writer.event_file_writer: seconds since 1970, host, process, counter
NAME = re.compile(r"events\.out\.tfevents\.(\d{10})\.(.*)")


def make_way(folder: Path) -> None:
    """Rename event files in `folder` so that a new one is read after all of them.

    Names order writers of different seconds. Within one second the counter 10 sorts before 9 and a process
    1000 before 999, and a clock that was set back sorts newer files before older ones: TensorBoard would then
    prefer the purged epochs over those of the resumed run. The seconds in the names of older files are
    lowered where needed, in their order; the times inside the files are kept.

    Args:
        folder: Folder of the event files; it need not exist. No event file may be open; other files are
            ignored.

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
    for old, new in reversed(moves):  # oldest first, so that no name is overwritten
        (folder / old).rename(folder / new)
