"""Step of `cxrtk masks`: a lung mask of each radiograph by thresholding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cxrtk import Step, masks, passes, steps


@steps.register("masks")
def mask_step(generator: str, arguments: Mapping[str, Any] | None = None) -> Step:
    """Make a mask of each radiograph with a mask generator: a weak label, not a manual ground truth.

    Args:
        generator: Name of a mask generator plugin.
        arguments: Arguments of the generator.

    Raises:
        PluginNotFound: The generator does not exist.
        TypeError: The generator does not accept an argument.
    """
    made_with = dict(arguments or {})
    return passes.MaskStep(masks.create(generator, **made_with), {"name": generator, **made_with})
