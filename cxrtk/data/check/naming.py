"""File names in a check: paths below the data set's folder."""

from __future__ import annotations

import re
from pathlib import Path


class Names:
    """Paths below `root`, with slashes; a file elsewhere is shown by its name alone.

    >>> Names("/data/set").of("/data/set/images/a.png"), Names("/data/set").of("/other/b.png")
    ('images/a.png', 'b.png')
    >>> Names("/data/set").of("/data/set")
    '.'
    """

    def __init__(self, root: str | Path) -> None:
        self._root = Path(root).absolute()
        written = {str(root), str(self._root), str(Path(root).resolve())} - {"."}
        # Start of a path, but not inside a longer one.
        self._below = [re.compile(rf"(?<![\w./-]){re.escape(way)}(/|\b)") for way in sorted(written)]

    def of(self, path: str | Path) -> str:
        """Return the display name of one file."""
        whole = Path(path).absolute()
        if not whole.is_relative_to(self._root):
            return whole.name
        return whole.relative_to(self._root).as_posix()

    def within(self, text: str) -> str:
        """Shorten paths below `root` in a message in the same way.

        >>> Names("/data/set").within("/data/set/masks/a.png: is 8 x 8 pixels")
        'masks/a.png: is 8 x 8 pixels'
        >>> Names(".").within("masks/a.png: 1.5"), Names("set").within("set/a.png, sets, /my/set/b.png")
        ('masks/a.png: 1.5', 'a.png, sets, /my/set/b.png')
        """
        for below in self._below:
            text = below.sub(lambda found: "" if found[1] else self._root.name, text)
        return text
