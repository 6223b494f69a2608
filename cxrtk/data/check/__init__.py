"""Is a data set fit to train on? Checks of its files, masks, copies, split and pictures."""

from __future__ import annotations

from cxrtk.data.check.codes import CODES
from cxrtk.data.check.issue import Issue
from cxrtk.data.check.same_files import same_files

__all__ = ["CODES", "Issue", "same_files"]
