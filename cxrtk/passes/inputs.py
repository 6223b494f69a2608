"""Inputs given by the user: one or more files and folders, or a list of paths in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cxrtk.errors import ConfigError

LIST = "@"


@dataclass(frozen=True)
class Input:
    """Input of one reader: a folder, or several files.

    Attributes:
        roots: The folder, or the files.
        below: Subfolder of its outputs in the output folder; empty if it is the only input.
    """

    roots: tuple[Path, ...]
    below: str = ""

    @property
    def folder(self) -> Path | None:
        """Folder with the structure that the outputs mirror; ``None`` for files, which share one folder."""
        return self.roots[0] if self.roots[0].is_dir() else None

    @property
    def root(self) -> str | list[str]:
        """Root argument of the reader."""
        return str(self.roots[0]) if len(self.roots) == 1 else [str(path) for path in self.roots]


def inputs_of(words: Sequence[str]) -> list[Input]:
    """Parse inputs: paths, and ``@list.txt`` for a file with one path per line.

    If there are several inputs, outputs of a folder go to the subfolder ``<its name>/`` of the output folder,
    those of a file to the output folder itself.

    Raises:
        ConfigError: There is no input, a path is empty or given twice, or a list cannot be read.
    """
    paths = [path for word in words for path in _listed(word)]
    if not paths:
        raise ConfigError("No images: name a file or a folder by --input.")
    seen: set[Path] = set()
    for path in paths:
        resolved = path.resolve()
        if resolved in seen:
            raise ConfigError(f"--input names {path} twice; name each input once.")
        seen.add(resolved)
    if len(paths) == 1:
        return [Input((paths[0],))]
    folders = [path.resolve().name for path in paths if path.is_dir()]
    for name in folders:
        if folders.count(name) > 1:
            raise ConfigError(
                f"Two inputs are called {name!r}, so that their outputs would share a folder; run them "
                "one by "
                "one, into two output folders."
            )
    inputs: list[Input] = []
    for path in paths:
        if path.is_dir():
            inputs.append(Input((path,), path.resolve().name))
        elif inputs and inputs[-1].folder is None:  # consecutive files share one reader
            inputs[-1] = Input((*inputs[-1].roots, path))
        else:
            inputs.append(Input((path,)))
    return inputs


def _listed(word: str) -> list[Path]:
    if not word:
        raise ConfigError("--input is empty; name a file or a folder.")
    if not word.startswith(LIST):
        return [Path(word)]
    file = Path(word[len(LIST) :])
    try:
        lines = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError as error:
        raise ConfigError(
            f"--input {word}: the list cannot be read: {error.strerror}; check the path."
        ) from error
    paths = [Path(line) for line in lines if line.strip()]
    if not paths:
        raise ConfigError(f"--input {word}: the list names nothing; write one path in each line.")
    return paths
