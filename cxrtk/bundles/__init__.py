"""Bundle configs: assembly from plugin names and settings, and the shipped configs."""

from cxrtk.bundles.assemble import assemble, set_id, write
from cxrtk.bundles.shipped import find, folder, shipped

__all__ = ["assemble", "find", "folder", "set_id", "shipped", "write"]
