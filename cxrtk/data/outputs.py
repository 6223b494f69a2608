"""Where the outputs of many inputs go: mirrored folders, and never two inputs in one file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from cxrtk.errors import ConfigError, CxrError, CxrReadError, DataError


@dataclass(frozen=True)
class Job:
    """One image to make outputs of.

    Attributes:
        image: What `Reader.read` takes.
        name: Its path under the input folder, as a table names it.
        stem: Path of its outputs, less what they end in, such as ``_mask.png``.
    """

    image: str
    name: str
    stem: Path


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


def output_stems(paths: Sequence[PurePath]) -> list[PurePath]:
    """Each path without its suffix; those that would then be equal keep it (``a.png`` and ``a.dcm``).

    Compared without case, for file systems that ignore it.

    Raises:
        DataError: Two are equal even so.

    >>> [str(stem) for stem in output_stems([PurePath("a.png"), PurePath("a.dcm"), PurePath("b.png")])]
    ['a.png', 'a.dcm', 'b']
    """
    count = Counter(_key(path.with_suffix("")) for path in paths)
    stems = [path if count[_key(path.with_suffix(""))] > 1 else path.with_suffix("") for path in paths]
    taken: dict[str, PurePath] = {}
    for path, stem in zip(paths, stems, strict=True):
        other = taken.setdefault(_key(stem), path)
        if other is not path:
            raise DataError(f"{other} and {path} would share one output file; rename one of them.")
    return stems


def jobs_of(images: Sequence[str], input_dir: Path, output_dir: Path) -> list[Job]:
    """One job for each image, no two with the same outputs.

    Args:
        images: What `Reader.read` takes.
        input_dir: The folder whose tree is mirrored.
        output_dir: Where it is mirrored.

    Raises:
        DataError: Two would share an output.
    """
    names = relative_paths(images, input_dir)
    return [
        Job(image, name.as_posix(), output_dir / stem)
        for image, name, stem in zip(images, names, output_stems(names), strict=True)
    ]


def reason(error: CxrError) -> str:
    """What is wrong, in one line that holds no header's value; see `CxrReadError.reason`."""
    return error.reason if isinstance(error, CxrReadError) else " ".join(str(error).split())


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links


def _key(path: PurePath) -> str:
    return path.as_posix().casefold()
