"""What becomes of every file that pydicom and pydicom-data ship: pixels, or the reason code of one line.

    python benchmarks/pydicom_files.py

Any modality is read. Prints a Markdown table, as in docs/pixels.md; anything but pixels or a `CxrReadError`
ends the command with a traceback.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import data_store
import pydicom

from cxrtk import CxrReadError, pixels

SHOWN = 3


def outcome(path: Path) -> str:
    """``pixels``, or a reason code."""
    try:
        pixels.read_dicom(path, modalities=None)
    except CxrReadError as error:
        return error.code
    return "pixels"


def main() -> None:
    """Read them all and print the table, the most frequent outcome first."""
    found: dict[str, list[str]] = defaultdict(list)
    for package in (pydicom, data_store):
        for path in pixels.walk_files(Path(package.__path__[0]) / "data"):
            if not path.name.endswith((".py", ".pyc")):
                found[outcome(path)].append(path.name)
    print("| files | outcome | such as |\n| --- | --- | --- |")
    for code, names in sorted(found.items(), key=lambda item: -len(item[1])):
        print(f"| {len(names)} | `{code}` | {', '.join(list(dict.fromkeys(names))[:SHOWN])} |")
    print(f"\n{sum(map(len, found.values()))} files.")


if __name__ == "__main__":
    main()
