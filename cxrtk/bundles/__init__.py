"""Assemble plugin names and settings into a bundle config; find the bundles that ship."""

from cxrtk.bundles.assemble import assemble, set_id, write
from cxrtk.bundles.shipped import find, folder, shipped

__all__ = ["assemble", "find", "folder", "set_id", "shipped", "write"]
