"""Where a network sees its classes on each radiograph: the step of `cxrtk explain`."""

from __future__ import annotations

from collections.abc import Sequence

from cxrtk import Step, inference, models, steps


@steps.register("explain")
def explain(
    model: str = "lungs",
    device: str = "cpu",
    method: str = "cam",
    layer: str = "",
    classes: Sequence[str] = (),
    raw: bool = False,
) -> Step:
    """Draw the map of each class over each radiograph, and write the table of all maps.

    Args:
        model: As `cxrtk.load_model` takes it.
        device: ``cpu``, ``cuda`` or ``cuda:1``.
        method: ``cam``: the last feature maps. ``grad-cam``: any layer, by default the deepest.
        layer: Layer in place of the one that is found; empty to find it.
        classes: Some of the model's; empty for those that `cxrtk segment` writes.
        raw: Write the maps as NPY too.

    Raises:
        ConfigError: There is no such model, class, layer or method, or the model allows no such map.
    """
    found = models.find_model(model, device)
    explainer, names = inference.explainer_of(found, method=method, layer=layer, classes=classes)
    return inference.ExplainStep(inference.Preparer(found), explainer, names, raw=raw)
