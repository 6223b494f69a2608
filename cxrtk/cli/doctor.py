"""`cxrtk doctor`: what is installed, what is missing, and for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from cxrtk.cli import options as shared

if TYPE_CHECKING:
    from cxrtk.cli.diagnosis.finding import Finding

BROKEN_CODE = 1


def doctor(json: shared.AsJson = False) -> None:
    """Show what is installed and what is missing, with the purpose and licence of each package.

    Checks packages and extras, devices, codecs of DICOM, backends, models, plugins, the settings and free
    space. Third-party plugins are listed but not imported; `cxrtk plugins --check` imports them.

    Exit codes: 0 nothing is broken, though extras may be missing; 1 something is broken.
    """
    from cxrtk.cli.diagnosis.examine import SECTIONS
    from cxrtk.cli.diagnosis.finding import BROKEN
    from cxrtk.cli.tables import print_json

    found = {section: list(examine()) for section, examine in SECTIONS.items()}
    broken = [each for findings in found.values() for each in findings if each.state == BROKEN]
    if json:
        print_json({section: [asdict(each) for each in findings] for section, findings in found.items()})
    else:
        for section, findings in found.items():
            _print(section, findings)
        for each in broken:
            print(f"broken: {each.name}: {each.detail}; {each.cure}")
        if not broken:
            print("nothing is broken")
    if broken:
        raise typer.Exit(BROKEN_CODE)


def _print(section: str, findings: Sequence[Finding]) -> None:
    """Print a section as a table, and the cure of each thing that is missing below its row."""
    from cxrtk.cli.tables import print_table

    print(f"{section}:")
    rows = [
        {"state": each.state, "name": each.name, "found": each.detail, "remedy": each.cure}
        for each in findings
    ]
    columns = ("state", "name", "found", "remedy") if any(each.cure for each in findings) else (
        "state", "name", "found",
    )  # fmt: skip
    print_table(rows, columns)
    print()
