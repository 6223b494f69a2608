"""The description written into a file: everything needed to run it, in plain values.

Keys are never renamed; more may be added.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cxrtk import __version__
from cxrtk.models.backends.base import FP32
from cxrtk.models.formats.base import IMAGES, LOGITS
from cxrtk.models.licence import Licence
from cxrtk.models.model_file import SEGMENTATION, Model
from cxrtk.models.views import CENTRE, PERCENTILES, SPREAD

FORMAT = "cxrtk-export-1"
SEGMENTS = "a pixel is of a class where sigmoid(logits / temperature) >= threshold"
FINDS = "the probability of a class is sigmoid(logits / temperature)"


def about(model: Model, licences: Sequence[Licence], multiple: int) -> dict[str, Any]:
    """Describe a model for the file that holds it.

    Args:
        model: The model.
        licences: Licence of the weights; for an ensemble, of each member. The file contains their texts.
        multiple: Number of which the rows and columns of an image must be multiples, at least twice this
            number; 0 for ``image_size`` only.

    Returns:
        * ``name``, ``sha256``: name of the model, and digest of its file; ``version``: the cxrtk version
          that wrote this file.
        * ``classes``: class of each output channel, in order; ``heart``: whether the lungs include the heart.
        * ``percentiles``: percentiles of all pixels that are mapped to 0 and 1; values beyond are clipped.
        * ``image_size``: rows and columns to which the image is then resized, with anti-aliasing.
        * ``mean``, ``std``: finally subtracted from the pixels, and the divisor of the difference.
        * ``in_channels``: number of copies of the grey image in the input.
        * ``temperature``: temperature of each class; ``threshold``: a probability.
        * ``smallest_size``, ``multiple``: other sizes that the network takes; ``image_size`` is best.
        * ``lung_input``: see `cxrtk.models.model_file.ModelSpec.input`; empty for the whole image.
    """
    spec = model.spec
    classes = list(spec.classes)
    return {
        "format": FORMAT,
        "name": spec.name,
        "sha256": model.sha256,
        "version": __version__,
        "task": spec.task,
        "classes": classes,
        "heart": spec.heart,
        "percentiles": list(PERCENTILES),
        "image_size": [spec.image_size, spec.image_size],
        "mean": CENTRE,
        "std": SPREAD,
        "in_channels": spec.in_channels,
        "temperature": list(spec.temperature or (1.0,) * len(classes)),
        "threshold": spec.threshold,
        "multiple": multiple,
        "smallest_size": 2 * multiple if multiple else spec.image_size,
        "precision": FP32,
        "input": f"{IMAGES}: (B, {spec.in_channels}, H, W) float32, upright, brighter is denser",
        "output": f"{LOGITS}: (B, {len(classes)}, ...) float32; "
        + (SEGMENTS if spec.task == SEGMENTATION else FINDS),
        "lung_input": dict(spec.input),
        "licence": "; ".join(dict.fromkeys(each.terms for each in licences)),
        "licence_text": "\n\n".join(
            each.path.read_text(encoding="utf-8-sig") for each in licences if each.path is not None
        ),
    }
