"""What a check calls a file: its path below the data set's folder."""

from __future__ import annotations

from pathlib import Path


class Names:
    """Paths below `root`, with slashes; a file elsewhere goes by its name alone.

    >>> Names("/data/set").of("/data/set/images/a.png"), Names("/data/set").of("/other/b.png")
    ('images/a.png', 'b.png')
    >>> Names("/data/set").of("/data/set")
    '.'
    """

    def __init__(self, root: str | Path) -> None:
        self._root = Path(root).absolute()

    def of(self, path: str | Path) -> str:
        """The name of one file."""
        whole = Path(path).absolute()
        if not whole.is_relative_to(self._root):
            return whole.name
        return whole.relative_to(self._root).as_posix()
