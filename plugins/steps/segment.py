"""Step of `cxrtk segment`: masks of the lungs and the heart of each radiograph."""

from __future__ import annotations

from collections.abc import Sequence

from cxrtk import Segmenter, Step, inference, load_model, steps


@steps.register("segment")
def segment(
    model: str = "lungs",
    device: str = "cpu",
    backend: str = "",
    precision: str = "",
    threshold: float | None = None,
    postprocess: bool = True,
    convention: str | None = None,
    formats: Sequence[str] = inference.FORMATS,
    preview: bool = False,
    fill: bool = False,
    side_by_side: bool = False,
    probabilities: bool = False,
) -> Step:
    """Write the masks of each radiograph in the given formats, and the tables of all radiographs.

    Args:
        model: Name or path of a model, as for `cxrtk.load_model`.
        device: Device of the model, ``cpu``, ``cuda`` or ``cuda:1``.
        backend: Backend, ``auto``, ``torch``, ``openvino`` or ``onnxruntime``; empty for the environment
            variable ``CXRTK_BACKEND``, or ``auto``.
        precision: Precision, ``auto``, ``fp32`` or ``bf16``; empty for ``CXRTK_PRECISION``, or ``auto``.
        threshold: Probability threshold of a class; ``None`` for the model's own.
        postprocess: Keep one region per lung and heart, and fill its holes.
        convention: Heart convention, ``heart-excluded`` or ``heart-included``; ``None`` for the model's own.
        formats: Names of writer plugins.
        preview: Write pictures with the outlines of the masks.
        fill: Tint the insides of the masks in the pictures.
        side_by_side: Place the plain image beside each picture.
        probabilities: Write the probabilities at the network's size.

    Raises:
        ConfigError: The model, device or backend does not exist, or an argument is out of range.
        PluginNotFound: A writer does not exist.
    """
    writer = inference.SegmentationWriter(
        formats, preview=preview, fill=fill, side_by_side=side_by_side, probabilities=probabilities
    )
    found = load_model(model, device)
    segmenter = Segmenter(
        found,
        threshold=threshold,
        postprocess=postprocess,
        convention=convention,
        backend=backend,
        precision=precision,
    )
    return inference.SegmentStep(segmenter, writer)
