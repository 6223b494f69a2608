"""Step of `cxrtk convert`: radiographs as PNG or NIfTI files."""

from __future__ import annotations

from cxrtk import Step, passes, steps


@steps.register("convert")
def convert(form: str = "png", bits: int = 16) -> Step:
    """Write each radiograph as PNG or NIfTI, with the same pixels that every other step receives.

    Args:
        form: File format, ``png``, ``nii`` or ``nii.gz``.
        bits: Bits per pixel, 8 or 16.

    Raises:
        ConfigError: The format or the number of bits is not supported.
    """
    return passes.ConvertStep(form, bits)
