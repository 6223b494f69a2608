"""Heart conventions of the lungs that a model segments.

Some data sets draw the lungs without the heart, others through it. A model may have learned either, or both.
"""

from __future__ import annotations

from cxrtk.classes import HEART, HEART_EXCLUDED, LUNGS, SIDES, WITH_HEART
from cxrtk.errors import ConfigError
from cxrtk.models.model_file import ModelSpec


def own_convention(spec: ModelSpec) -> str:
    """Return the convention of a model: ``heart-excluded`` if it has an output for each lung."""
    return HEART_EXCLUDED if set(SIDES) <= set(spec.classes) else f"heart-{spec.heart}"


def own_classes(spec: ModelSpec) -> tuple[str, ...]:
    """Return the outputs of a model that form the result under its own convention."""
    return tuple(name for name in spec.classes if name != WITH_HEART)


def lung_classes(spec: ModelSpec, heart: str) -> tuple[str, ...]:
    """Choose the outputs of a model that together form the lungs under one heart convention.

    Args:
        spec: Description of the model.
        heart: ``excluded``, ``included`` or ``unknown``; for ``unknown``, a model with both conventions uses
            the lungs without the heart.

    Returns:
        Both sides, ``lungs``, or ``lungs_with_heart`` if the model was trained on masks drawn through the
        heart; for ``included`` without such an output, both sides and the heart.

    Raises:
        ConfigError: The model supports the other convention only.
    """
    classes = set(spec.classes)
    learned = str(spec.trained.get("labels", "heart included"))
    if heart == "included":
        if WITH_HEART in classes and "heart included" in learned:
            return (WITH_HEART,)
        if {*SIDES, HEART} <= classes and WITH_HEART not in classes:
            return (*SIDES, HEART)
    elif set(SIDES) <= classes:
        return SIDES
    if LUNGS in classes and heart in (spec.heart, "unknown"):
        return (LUNGS,)
    own = spec.trained.get("labels", f"lungs, heart {spec.heart}")
    raise ConfigError(
        f"The model {spec.name} was trained on {own}, and these masks have the heart {heart}: two "
        f"conventions. Name outputs by --lungs to compare all the same; it has {', '.join(spec.classes)}."
    )
