"""Lung segmentation from intensities alone; every step maps (1, H, W) tensors.

`working` normalises size and contrast, `body` finds the air outside, `thresholds` the mean or median around
each pixel, `lungs` (with `polar`) two lung-shaped regions; `generator` runs these steps in sequence.
"""

from cxrtk.data.regions.body import outside_air
from cxrtk.data.regions.generator import ThresholdSettings, lung_votes, threshold_lungs
from cxrtk.data.regions.lungs import LungShape, grow_lung, grow_lungs, lung_seeds, midline, smooth_outline
from cxrtk.data.regions.polar import PolarGrid, best_outlines, inside_sums, outward_rise
from cxrtk.data.regions.thresholds import local_mean, local_median, local_spread
from cxrtk.data.regions.working import check_image, percentile_range, stretch, to_source, to_working

__all__ = [
    "LungShape",
    "PolarGrid",
    "ThresholdSettings",
    "best_outlines",
    "check_image",
    "grow_lung",
    "grow_lungs",
    "inside_sums",
    "local_mean",
    "local_median",
    "local_spread",
    "lung_seeds",
    "lung_votes",
    "midline",
    "outside_air",
    "outward_rise",
    "percentile_range",
    "smooth_outline",
    "stretch",
    "threshold_lungs",
    "to_source",
    "to_working",
]
