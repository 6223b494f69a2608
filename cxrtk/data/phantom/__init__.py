"""A procedural digital chest phantom: a radiograph from a seed, with exact masks of lungs and heart."""

from cxrtk.data.phantom.draw import Phantom, draw
from cxrtk.data.phantom.series import Entry, series
from cxrtk.data.phantom.write import sample, write_nih

__all__ = ["Entry", "Phantom", "draw", "sample", "series", "write_nih"]
