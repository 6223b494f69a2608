"""Output files of one radiograph: written to a hidden folder, then moved to their location."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cxrtk.data.atomic import full_disk_named
from cxrtk.data.digest import sha256
from cxrtk.data.table import write_table as write_table  # for steps: `cxrtk.passes.write_table`
from cxrtk.errors import CxrReadError, PluginBroken

PART = ".cxrtk-part-"


def prefix(part_id: int = 0, num_parts: int = 1) -> str:
    """Return the prefix of one part's hidden folders, by which those of dead processes are found."""
    return PART if num_parts == 1 else f"{PART}{part_id}_of_{num_parts}-"


@contextmanager
def hidden(stem: Path, output_dir: Path, prefix: str = PART) -> Iterator[Path]:
    """Yield the stem in a new hidden folder, which is removed at the end with its remaining content.

    The folder lies in `output_dir` itself, so that a radiograph without files creates no other folder.
    """
    output_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=output_dir))
    try:
        yield folder / stem.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(files: Sequence[Path], written: Path, stem: Path, output_dir: Path) -> dict[str, str]:
    """Move files to their location; return the SHA-256 of each by its path relative to `output_dir`.

    Args:
        files: Paths returned by the step.
        written: Stem of the files in the folder made by `hidden`.
        stem: Final stem of the files.
        output_dir: Folder of all outputs.

    Raises:
        PluginBroken: A file is missing, is in another folder, or does not begin with the stem.
    """
    digests = {}
    for path in files:
        if path.parent != written.parent or not path.name.startswith(written.name) or not path.is_file():
            raise PluginBroken(
                f"A step names the file {path.name}, which does not exist or does not begin with {stem.name}."
            )
        target = stem.parent / path.name
        digest = sha256(path)
        with full_disk_named(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        digests[target.relative_to(output_dir).as_posix()] = digest
    return dict(sorted(digests.items()))


def refuse_links(stem: Path, output_dir: Path) -> None:
    """Check that no symbolic link in the output folder leads out of it.

    Raises:
        CxrReadError: A link leads out of the folder.
    """
    folder = stem.parent
    if not folder.resolve().is_relative_to(output_dir.resolve()):
        raise CxrReadError(
            folder, "is a link that leads out of the output folder", cure="remove the link", code="no_access"
        )


def are_there(outputs: Mapping[str, str], output_dir: Path) -> bool:
    """Return whether all files exist with the recorded content."""
    return all(_is_there(output_dir / name, digest) for name, digest in outputs.items())


def _is_there(path: Path, digest: str) -> bool:
    try:
        return path.is_file() and sha256(path) == digest
    except OSError:
        return False


def sweep(output_dir: Path) -> None:
    """Remove unfinished files of a killed pass below a folder."""
    for part in sorted(output_dir.rglob(f"{PART}*")):
        shutil.rmtree(part, ignore_errors=True)


def sweep_part(output_dir: Path, begins: str) -> None:
    """Remove unfinished files of processes that died, of one part only; see `prefix`."""
    for part in sorted(output_dir.glob(f"{begins}*")):
        shutil.rmtree(part, ignore_errors=True)
