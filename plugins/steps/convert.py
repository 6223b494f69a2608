"""DICOM radiographs as PNG or NIfTI: the step of `cxrtk convert`."""

from __future__ import annotations

from cxrtk import Step, passes, steps


@steps.register("convert")
def convert(form: str = "png", bits: int = 16) -> Step:
    """Write each radiograph as PNG or NIfTI: the pixels that every other step sees.

    Args:
        form: ``png``, ``nii`` or ``nii.gz``.
        bits: Bits a pixel, 8 or 16.

    Raises:
        ConfigError: Another format or number of bits.
    """
    return passes.ConvertStep(form, bits)
