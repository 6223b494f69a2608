"""A procedural digital chest phantom: radiographs of synthetic patients, with exact masks.

See docs/phantom.md for the model and its limits.
"""

from cxrtk.data.phantom.attenuation import ATTENUATION_PER_CM, transmission
from cxrtk.data.phantom.displace import Planted
from cxrtk.data.phantom.draw import Phantom, check_size, describe, draw
from cxrtk.data.phantom.planting import PLANTABLE
from cxrtk.data.phantom.shots import Shot, shots
from cxrtk.data.phantom.write import sample, write_nih

__all__ = [
    "ATTENUATION_PER_CM",
    "PLANTABLE",
    "Phantom",
    "Planted",
    "Shot",
    "check_size",
    "describe",
    "draw",
    "sample",
    "shots",
    "transmission",
    "write_nih",
]
