"""What MONAI and Ignite lack while training."""

from cxrtk.training.curves import CurveHandler
from cxrtk.training.final_test import TestReport
from cxrtk.training.inferer import AutocastInferer, cpu_has_bf16
from cxrtk.training.losses import BinaryCrossEntropy
from cxrtk.training.progress import Progress
from cxrtk.training.runs import checkpoint_to_evaluate, new_run

__all__ = [
    "AutocastInferer",
    "BinaryCrossEntropy",
    "CurveHandler",
    "Progress",
    "TestReport",
    "checkpoint_to_evaluate",
    "cpu_has_bf16",
    "new_run",
]
