"""Step of `cxrtk explain`: class activation maps of each radiograph."""

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
        model: Name or path of a model, as for `cxrtk.load_model`.
        device: Device of the model, ``cpu``, ``cuda`` or ``cuda:1``.
        method: Method, ``cam`` for the last feature maps, or ``grad-cam`` for any layer, by default the
            deepest one.
        layer: Name of the layer; empty to choose it automatically.
        classes: Subset of the model's classes; empty for the classes that `cxrtk segment` writes.
        raw: Also write the maps as NPY files.

    Raises:
        ConfigError: A model, class, layer or method does not exist, or the model allows no such map.
    """
    found = models.find_model(model, device)
    explainer, names = inference.explainer_of(found, method=method, layer=layer, classes=classes)
    return inference.ExplainStep(inference.Preparer(found), explainer, names, raw=raw)
