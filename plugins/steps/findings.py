"""Findings of each radiograph by a classifier: the step of `cxrtk findings`."""

from __future__ import annotations

from cxrtk import Step, inference, models, steps


@steps.register("findings")
def findings(
    model: str,
    device: str = "cpu",
    boxes: str = "",
    tolerance: float = 0.0,
    pictures: int = 0,
    split: str = "auto",
    seed: int = 0,
) -> Step:
    """Write the probability of each finding, and how right they are where the source tells.

    Args:
        model: A run of the bundle ``chexnet_cxr``: its folder, or a checkpoint.
        device: ``cpu``, ``cuda`` or ``cuda:1``.
        boxes: A table in the layout of ``BBox_List_2017.csv``; empty for none.
        tolerance: Pixels of the image that the pointing game allows beside a box.
        pictures: How many maps with boxes to draw.
        split: ``train``, ``validation``, ``test``, ``all``, or ``auto``: the test part of a run that used
            these images, else all.
        seed: Of the bootstrap intervals.

    Raises:
        ConfigError: There is no such model or device, or the model makes masks.
        DataError: The table of boxes cannot be used.
    """
    boxed = inference.Boxed(inference.read_boxes(boxes) if boxes else (), tolerance, pictures)
    classifier = inference.Classifier(models.find_model(model, device), device)
    return inference.FindingsStep(
        classifier, boxed, splits=models.splits_beside(model), split=split, seed=seed
    )
