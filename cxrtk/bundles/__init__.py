"""Assemble plugin names and settings into a bundle config; find the bundles that ship."""

from cxrtk.bundles.assemble import assemble, set_id, write
from cxrtk.bundles.shipped import folder, shipped

__all__ = ["assemble", "folder", "set_id", "shipped", "write"]
