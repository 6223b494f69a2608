"""Random augmentations of chest X-rays that MONAI lacks.

All take images (1, H, W) float32 in [0, 1], brighter is denser, and labels (C, H, W), and are seeded like
MONAI's own transforms. `cxrtk.data` exports the public names.
"""
