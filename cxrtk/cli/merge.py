"""`cxrtk merge`: the tables of a pass that was run in parts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cxrtk.cli import options as shared


def merge(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of the results of all parts.")],
    quiet: shared.Quiet = False,
) -> None:
    """Merge the tables of a pass in parts (--num-parts) from its manifests, as the last part to finish does.

    Reports parts that are missing or have not finished. Reads no images, and writes nothing but tables.
    """
    from cxrtk.passes.merge import merge as make_tables

    tables = make_tables(output)
    if not quiet:
        print(f"Wrote {', '.join(map(str, tables)) or 'nothing: the step has no table'}.", file=sys.stderr)
