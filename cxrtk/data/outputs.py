"""Output paths of many inputs: mirrored folders, without collisions."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

from cxrtk.errors import ConfigError, CxrError, CxrReadError, DataError


def check_output_dir(output_dir: Path, input_dir: Path) -> None:
    """Refuse an output folder inside the input folder, where outputs would be read as inputs.

    Raises:
        ConfigError: The output folder lies inside the input folder, or is a file.
    """
    output, source = output_dir.resolve(), input_dir.resolve()
    if output.is_relative_to(source):
        raise ConfigError(
            f"{output_dir}: the output lies inside the input {input_dir}; name a folder outside it."
        )
    if output.exists() and not output.is_dir():
        raise ConfigError(f"{output_dir}: is a file; name a folder.")


def relative_paths(images: Sequence[str], input_dir: Path) -> list[PurePath]:
    """Return each image's path relative to `input_dir`, which names its outputs and its table row.

    Links are not resolved, so that two links to one file are two images. An image outside `input_dir` (a
    table may refer to one) is named by its file name alone.
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
    """Return the path without its suffix."""
    return path.with_suffix("")


def output_stems(
    paths: Sequence[PurePath], stem_of: Callable[[PurePath], PurePath] = without_suffix
) -> list[PurePath]:
    """Return the stem of each path; stems that would collide keep the full name (``a.png`` and ``a.dcm``).

    Compared case-insensitively, for file systems that ignore case.

    Raises:
        DataError: Two full names are equal too.

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
    """Return a key that is equal for paths that a case-insensitive file system takes for one."""
    return path.as_posix().casefold()


def reason(error: CxrError) -> str:
    """Return the fault as one line without header values; see `CxrReadError.reason`."""
    return error.reason if isinstance(error, CxrReadError) else " ".join(str(error).split())


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
