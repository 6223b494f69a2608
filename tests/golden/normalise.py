"""All that differs from machine to machine or from run to run without being an output of `cxrtk`, taken out.

This is the one place for it: a path, a time, a speed, a version, an identifier made of such. What is not
named here is compared as it is.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

import cxrtk

SHIPPED = Path(cxrtk.__file__).parent / "models"
REPOSITORY = Path(__file__).resolve().parents[2]
# Those that records name.
PACKAGES = ("monai", "torch", "pytorch-ignite", "numpy", "pydicom", "pillow", "nibabel", "highdicom")
PATTERNS = (
    # A progress bar moves with the clock, as do its speed and the time left; its counts stay.
    (r"^(\w+:) [━╸╺ ]+(\d+/\S+|\d+%).*$", r"\1 BAR \2"),
    (r'"seconds": \d+\.\d+', '"seconds": TIME'),
    (r"\b\d{4}-\d\d-\d\d \(UTC\)", "DAY (UTC)"),  # of the files that a page shows
    (r"(\.py):\d+: (\w*Warning)", r"\1: \2"),  # the line of the code that warns
)

# Of a derived DICOM object: a digest of its bytes, in which a version stands.
MADE_UID = re.compile(r"\b1\.2\.826\.0\.1\.3680043\.8\.498\.\d{20,}\b")


def normalise(text: str, work: Path, digests: Mapping[str, str]) -> str:
    """A text of `cxrtk` without what depends on the machine, the day and the releases of packages.

    Args:
        text: What it wrote or printed.
        work: The folder that it worked in.
        digests: SHA-256 of a file below that folder -> its name; a manifest names files by it, and a file's
            own digest is compared where the file is.
    """

    def named(digest: str) -> str:
        return f"SHA-256({digests[digest]})" if digest in digests else digest

    for path, name in _paths(work):
        text = text.replace(path, name)
    for pattern, name in PATTERNS:
        text = re.sub(pattern, name, text, flags=re.MULTILINE)
    text = _versions().sub("VERSION", text)
    uids: dict[str, str] = {}
    text = MADE_UID.sub(lambda found: uids.setdefault(found[0], f"UID-{len(uids) + 1}"), text)
    return re.sub(r"\b[0-9a-f]{64}\b", lambda found: named(found[0]), text)


def unpadded(text: str) -> str:
    """A text without spaces at the ends of lines: the last column of a table is as wide as its paths."""
    return re.sub(r" +$", "", text, flags=re.MULTILINE)


def digests_of(work: Path, output: Path) -> dict[str, str]:
    """SHA-256 -> name of each input and each output of a case; of several with one content, the first."""
    found = dict(_inputs(work))
    for path in sorted(output.rglob("*")):
        if path.is_file():
            found.setdefault(_sha256(path), path.relative_to(work).as_posix())
    return found


@cache
def _inputs(work: Path) -> dict[str, str]:
    """Those of the files that no case changes, models that ship among them."""
    found: dict[str, str] = {}
    for path in sorted(work.rglob("*")):
        if path.is_file() and path.relative_to(work).parts[0] != "out":
            found.setdefault(_sha256(path), path.relative_to(work).as_posix())
    return found | {_sha256(path): path.name for path in sorted(SHIPPED.glob("*.safetensors"))}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _paths(work: Path) -> list[tuple[str, str]]:
    """The longest first, as one may lie in another."""
    named = {str(work.resolve()): "WORK", str(work): "WORK", str(REPOSITORY): "REPOSITORY"}
    named |= {os.path.relpath(REPOSITORY, work): "REPOSITORY"}
    named |= {place: "PACKAGES" for place in sys.path if Path(place).name == "site-packages"}
    return sorted(named.items(), key=lambda pair: -len(pair[0]))


@cache
def _versions() -> re.Pattern[str]:
    """Those of `cxrtk`, of Python and of the packages that a record names."""
    found = {cxrtk.__version__, python_version()}
    for package in PACKAGES:
        try:
            found.add(version(package))
        except PackageNotFoundError:
            continue
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, sorted(found)))})(?![\w.])")
