"""Lungs and heart of each radiograph: the step of `cxrtk segment`."""

from __future__ import annotations

from collections.abc import Sequence

from cxrtk import Segmenter, Step, inference, load_model, steps


@steps.register("segment")
def segment(
    model: str = "lungs",
    device: str = "cpu",
    threshold: float | None = None,
    postprocess: bool = True,
    formats: Sequence[str] = inference.FORMATS,
    preview: bool = False,
    probabilities: bool = False,
) -> Step:
    """Write the masks of each radiograph in some formats, and the tables of all.

    Args:
        model: As `cxrtk.load_model` takes it.
        device: ``cpu``, ``cuda`` or ``cuda:1``.
        threshold: A pixel belongs to a class from this probability on; ``None`` for the model's own.
        postprocess: Keep one region a lung and heart, without holes.
        formats: Names of writer plugins.
        preview: Write pictures of the masks.
        probabilities: Write probabilities, on the network's grid.

    Raises:
        ConfigError: There is no such model or device, or an argument is out of range.
        PluginNotFound: There is no such writer.
    """
    writer = inference.SegmentationWriter(formats, preview=preview, probabilities=probabilities)
    found = load_model(model, device)
    return inference.SegmentStep(Segmenter(found, threshold=threshold, postprocess=postprocess), writer)
