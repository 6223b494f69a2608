"""One pass over many radiographs: read ahead, do a step, write whole files, keep a manifest, make the tables.

A verb that takes many radiographs is a step (`cxrtk.Step`) and a call of `run`. The pass alone knows which
files there are, how they are read, where outputs go, what was done already, and how it ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxrtk.lazy import lookup

if TYPE_CHECKING:
    from cxrtk.passes.convert_step import ConvertStep as ConvertStep
    from cxrtk.passes.inputs import inputs_of as inputs_of
    from cxrtk.passes.mask_step import MaskStep as MaskStep
    from cxrtk.passes.options import Options as Options
    from cxrtk.passes.reading import read_ahead as read_ahead
    from cxrtk.passes.table import write_table as write_table
    from cxrtk.passes.walk import Result as Result
    from cxrtk.passes.walk import run as run

_HOME_OF = {
    "ConvertStep": "convert_step",
    "MaskStep": "mask_step",
    "Options": "options",
    "Result": "walk",
    "inputs_of": "inputs",
    "read_ahead": "reading",
    "run": "walk",
    "write_table": "table",
}

__all__ = sorted(_HOME_OF)
__getattr__ = lookup(__name__, _HOME_OF)
