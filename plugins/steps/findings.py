"""Step of `cxrtk findings`: findings of each radiograph, predicted by a classifier."""

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
    """Write the probability of each finding, and the accuracy if the source states the findings.

    Args:
        model: Run of the bundle ``chexnet_cxr``: its folder or a checkpoint.
        device: Device of the model, ``cpu``, ``cuda`` or ``cuda:1``.
        boxes: Path of a table in the layout of ``BBox_List_2017.csv``; empty for none.
        tolerance: Margin around a box, in pixels of the image, within which the pointing game counts a hit.
        pictures: Number of maps with boxes to draw.
        split: Part to process, ``train``, ``validation``, ``test``, ``all``, or ``auto``: the test part if
            the run used these images, otherwise all.
        seed: Seed of the bootstrap intervals.

    Raises:
        ConfigError: The model or device does not exist, or the model is a segmentation model.
        DataError: The table of boxes is invalid.
    """
    boxed = inference.Boxed(inference.read_boxes(boxes) if boxes else (), tolerance, pictures)
    classifier = inference.Classifier(models.find_model(model, device), device)
    return inference.FindingsStep(
        classifier, boxed, splits=models.splits_beside(model), split=split, seed=seed
    )
