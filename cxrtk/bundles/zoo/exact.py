"""``configs/inference_dicom.json`` of a bundle: an overlay of ``inference.json`` with cxrtk's steps.

The bundle contains their code in ``scripts/`` (`cxrtk.bundles.zoo.steps`), so cxrtk need not be installed.
"""

from __future__ import annotations

from typing import Any

from cxrtk.bundles.zoo.head import labels_of
from cxrtk.bundles.zoo.inference import saving
from cxrtk.bundles.zoo.steps import HOME
from cxrtk.models.model_file import ModelSpec

MODULE = "cxrtk.inference.segmentation.monai_steps"


def exact(spec: ModelSpec) -> dict[str, Any]:
    """Return the config: cxrtk's preprocessing, inferer and postprocessing, and DICOM files accepted."""
    steps = MODULE.replace("cxrtk", HOME, 1)
    return {
        "output_ext": ".png",
        "preprocessing": {
            "_target_": "Compose",
            "transforms": [
                {
                    "_target_": f"{steps}.Radiographd",
                    "keys": "image",
                    "image_size": "@image_size",
                    "in_channels": spec.in_channels,
                }
            ],
        },
        "inferer": {"_target_": f"{steps}.TwoViews", "temperature": list(spec.temperature)},
        "postprocessing": {
            "_target_": "Compose",
            "transforms": [
                {
                    "_target_": f"{steps}.LabelMapd",
                    "keys": "pred",
                    "classes": list(spec.classes),
                    "labels": list(labels_of(spec)),
                    "threshold": "@threshold",
                },
                saving(),
            ],
        },
        "initialize": [
            "$monai.utils.set_determinism(seed=123)",
            "$@datalist or sys.exit(@dataset_dir + ': no file; name a folder by --dataset_dir')",
        ],
    }
