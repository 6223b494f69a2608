"""Data set checks before training: files, masks, duplicates, splits and image content."""

from __future__ import annotations

from cxrtk.data.check.codes import CODES
from cxrtk.data.check.issue import Issue
from cxrtk.data.check.same_files import same_files
from cxrtk.data.check.sample import habits_of_sample

__all__ = ["CODES", "Issue", "habits_of_sample", "same_files"]
