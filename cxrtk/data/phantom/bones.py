"""All bones except the spine, as thickness of cortical bone."""

from __future__ import annotations

from cxrtk.data.phantom.anatomy import Build, Pose
from cxrtk.data.phantom.chest import Chest
from cxrtk.data.phantom.frame import Array, Frame
from cxrtk.data.phantom.girdle import girdle_paths, scapula_plate
from cxrtk.data.phantom.ribs import rib_paths
from cxrtk.data.phantom.splat import splat
from cxrtk.data.phantom.tubes import bone

SPONGY = 0.16  # fraction of cortical bone in spongy bone; the rest is marrow
_BLADE_CM = 0.12  # thickness of cortical bone in the blade of the scapula


def bone_thickness(build: Build, pose: Pose, chest: Chest, frame: Frame) -> Array:
    """Return the (H, W) thickness of cortical bone in cm."""
    step, spongy = 1.1 * frame.pixel_mm, SPONGY * build.bone
    tubes = []
    for side in (-1, 1):
        for path, normal in rib_paths(build, chest, side):
            tubes.append(bone(path, normal, 0.8 * build.bone, spongy, step, fade_mm=28.0))
        for path, normal, cortex, fade in girdle_paths(build, pose, chest, side):
            tubes.append(bone(path, normal, cortex * build.bone, spongy, step, fade))
    return splat(frame, tubes) + _BLADE_CM * scapula_plate(build, pose, frame, chest)
