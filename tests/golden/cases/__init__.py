"""Which commands are frozen: the main variants of each verb, with errors among them.

Steps are command lines less ``cxrtk``, where OUT is a folder of the case's own; ``rm FILE`` removes a file,
and ``cp FOLDER FOLDER`` copies an input that a verb writes into.
"""

from __future__ import annotations

from tests.golden.cases.case import Case
from tests.golden.cases.folders import FOLDERS
from tests.golden.cases.measures import MEASURES
from tests.golden.cases.others import OTHERS, VERBS

# What the last bits of a network, a mean, random weights or an exponential decide, of which other processors
# have others. (A drawn finding differs by a grey level between AVX2 and AVX-512.)
INEXACT = {
    "segment/shipped", "apply/masks", "masks/mean", "masks/median", "explain/sanity", "calibrate/run",
    "calibrate/errors", "phantom/all",
}  # fmt: skip
MASKS = {  # kept whole
    "segment/shipped": ("RG1_labels.png", "negative_labels.png", "phantom_labels.png"),
    "masks/mean": ("large_mask.png", "nifti/slice.nii_mask.png"),
    "masks/median": ("images/00000001_000_mask.png", "images/00000003_000_mask.png"),
}
PLUGINS = {"plugins/broken": "broken plugins"}

CASES = [
    Case(
        verb,
        name,
        tuple(steps),
        (key := f"{verb}/{name}") not in INEXACT,
        MASKS.get(key, ()),
        PLUGINS.get(key),
    )
    for table in (FOLDERS, MEASURES, OTHERS)
    for verb, cases in table.items()
    for name, steps in cases.items()
]

__all__ = ["CASES", "VERBS", "Case"]
