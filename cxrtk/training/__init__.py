"""What MONAI and Ignite lack while training.

Looked up on first use, so that a run's record can be read without torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxrtk.lazy import lookup

if TYPE_CHECKING:
    from cxrtk.training.averaging import average_of as average_of
    from cxrtk.training.curves import CurveHandler as CurveHandler
    from cxrtk.training.final_test import TestReport as TestReport
    from cxrtk.training.handlers import LoadCheckpoint as LoadCheckpoint
    from cxrtk.training.handlers import TrainHandlers as TrainHandlers
    from cxrtk.training.handlers import ValidationHandlers as ValidationHandlers
    from cxrtk.training.inferer import AutocastInferer as AutocastInferer
    from cxrtk.training.inferer import cpu_has_bf16 as cpu_has_bf16
    from cxrtk.training.losses import BinaryCrossEntropy as BinaryCrossEntropy
    from cxrtk.training.losses import KnownDiceBCE as KnownDiceBCE
    from cxrtk.training.process import finish as finish
    from cxrtk.training.process import guard_process as guard_process
    from cxrtk.training.progress import Progress as Progress
    from cxrtk.training.runs import checkpoint_to_evaluate as checkpoint_to_evaluate
    from cxrtk.training.runs import open_run as open_run

_HOME_OF = {
    "AutocastInferer": "inferer",
    "BinaryCrossEntropy": "losses",
    "CurveHandler": "curves",
    "KnownDiceBCE": "losses",
    "LoadCheckpoint": "handlers",
    "Progress": "progress",
    "TestReport": "final_test",
    "TrainHandlers": "handlers",
    "ValidationHandlers": "handlers",
    "average_of": "averaging",
    "checkpoint_to_evaluate": "runs",
    "cpu_has_bf16": "inferer",
    "finish": "process",
    "guard_process": "process",
    "open_run": "runs",
}

__all__ = sorted(_HOME_OF)
__getattr__ = lookup(__name__, _HOME_OF)
