"""Where the outputs of many inputs go: mirrored folders, and never two inputs in one file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

from cxrtk.errors import ConfigError, CxrError, CxrReadError, DataError


def check_output_dir(output_dir: Path, input_dir: Path) -> None:
    """Refuse an output folder inside the input folder, where its pictures would be read as inputs.

    Raises:
        ConfigError: It lies there, or is a file.
    """
    output, source = output_dir.resolve(), input_dir.resolve()
    if output.is_relative_to(source):
        raise ConfigError(
            f"{output_dir}: the output lies inside the input {input_dir}; name a folder outside it."
        )
    if output.exists() and not output.is_dir():
        raise ConfigError(f"{output_dir}: is a file; name a folder.")


def relative_paths(images: Sequence[str], input_dir: Path) -> list[PurePath]:
    """Each image's path under `input_dir`, which names its outputs and its row in a table.

    A link goes by its own path, so that two links to one file are two images. An image that lies elsewhere (a
    table may point there) goes by its name alone.
    """
    source, resolved = _absolute(input_dir), input_dir.resolve()
    paths: list[PurePath] = []
    for image in images:
        path = _absolute(image)
        if path.is_relative_to(source):
            paths.append(path.relative_to(source))
        elif path.resolve().is_relative_to(resolved):
            paths.append(path.resolve().relative_to(resolved))
        else:
            paths.append(PurePath(path.name))
    return paths


def without_suffix(path: PurePath) -> PurePath:
    """The path less its suffix, which is where its outputs go."""
    return path.with_suffix("")


def output_stems(
    paths: Sequence[PurePath], stem_of: Callable[[PurePath], PurePath] = without_suffix
) -> list[PurePath]:
    """The stem of each path; those that would then be equal keep their whole names (``a.png`` and ``a.dcm``).

    Compared without case, for file systems that ignore it.

    Raises:
        DataError: Two are equal even so.

    >>> [str(stem) for stem in output_stems([PurePath("a.png"), PurePath("a.dcm"), PurePath("b.png")])]
    ['a.png', 'a.dcm', 'b']
    """
    count = Counter(key_of(stem_of(path)) for path in paths)
    stems = [path if count[key_of(stem_of(path))] > 1 else stem_of(path) for path in paths]
    taken: dict[str, PurePath] = {}
    for path, stem in zip(paths, stems, strict=True):
        other = taken.setdefault(key_of(stem), path)
        if other is not path:
            raise DataError(f"{other} and {path} would share one output file; rename one of them.")
    return stems


def key_of(path: PurePath) -> str:
    """Equal for paths that a file system without case takes for one."""
    return path.as_posix().casefold()


def reason(error: CxrError) -> str:
    """What is wrong, in one line that holds no header's value; see `CxrReadError.reason`."""
    return error.reason if isinstance(error, CxrReadError) else " ".join(str(error).split())


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
