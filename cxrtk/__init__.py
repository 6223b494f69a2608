"""cxrtk: plugin-based chest X-ray lung segmentation on MONAI. What is listed here is the public API.

::

    import cxrtk
    found = cxrtk.segment("chest.dcm")
    found.masks, found.measures, found.quality

Names are looked up on first use (PEP 562): `import cxrtk` imports neither torch nor MONAI.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxrtk import bundles as bundles
    from cxrtk import data as data
    from cxrtk import evaluation as evaluation
    from cxrtk import explain as explain
    from cxrtk import inference as inference
    from cxrtk import models as models
    from cxrtk import passes as passes
    from cxrtk import report as report
    from cxrtk import testing as testing
    from cxrtk import training as training
    from cxrtk.api import Job as Job
    from cxrtk.api import Label as Label
    from cxrtk.api import MaskGenerator as MaskGenerator
    from cxrtk.api import Outcome as Outcome
    from cxrtk.api import Radiograph as Radiograph
    from cxrtk.api import Reader as Reader
    from cxrtk.api import Segmentation as Segmentation
    from cxrtk.api import Step as Step
    from cxrtk.api import Writer as Writer
    from cxrtk.data import phantom as phantom
    from cxrtk.data import pixels as pixels
    from cxrtk.data import regions as regions
    from cxrtk.errors import CheckpointError as CheckpointError
    from cxrtk.errors import ConfigError as ConfigError
    from cxrtk.errors import CxrError as CxrError
    from cxrtk.errors import CxrReadError as CxrReadError
    from cxrtk.errors import DataError as DataError
    from cxrtk.errors import NonFiniteError as NonFiniteError
    from cxrtk.errors import PluginBroken as PluginBroken
    from cxrtk.errors import PluginConflict as PluginConflict
    from cxrtk.errors import PluginError as PluginError
    from cxrtk.errors import PluginNotFound as PluginNotFound
    from cxrtk.errors import StorageError as StorageError
    from cxrtk.evaluation import scores as scores
    from cxrtk.inference import derived as derived
    from cxrtk.inference.find import load_model as load_model
    from cxrtk.inference.segment import segment as segment
    from cxrtk.inference.segmenter import Segmenter as Segmenter
    from cxrtk.inference.writing import save as save
    from cxrtk.registry import masks as masks
    from cxrtk.registry import metrics as metrics
    from cxrtk.registry import networks as networks
    from cxrtk.registry import readers as readers
    from cxrtk.registry import steps as steps
    from cxrtk.registry import writers as writers

__version__ = "0.1.0"

_HOMES = {
    "cxrtk.api": (
        "Job",
        "Label",
        "MaskGenerator",
        "Outcome",
        "Radiograph",
        "Reader",
        "Segmentation",
        "Step",
        "Writer",
    ),
    "cxrtk.errors": (
        "CheckpointError",
        "ConfigError",
        "CxrError",
        "CxrReadError",
        "DataError",
        "NonFiniteError",
        "PluginBroken",
        "PluginConflict",
        "PluginError",
        "PluginNotFound",
        "StorageError",
    ),
    "cxrtk.inference.find": ("load_model",),
    "cxrtk.inference.segment": ("segment",),
    "cxrtk.inference.segmenter": ("Segmenter",),
    "cxrtk.inference.writing": ("save",),
    "cxrtk.registry": ("masks", "metrics", "networks", "readers", "steps", "writers"),
}
_MODULES = {
    "bundles": "cxrtk.bundles",
    "data": "cxrtk.data",
    "derived": "cxrtk.inference.derived",
    "evaluation": "cxrtk.evaluation",
    "explain": "cxrtk.explain",
    "inference": "cxrtk.inference",
    "models": "cxrtk.models",
    "passes": "cxrtk.passes",
    "report": "cxrtk.report",
    "testing": "cxrtk.testing",
    "training": "cxrtk.training",
    "phantom": "cxrtk.data.phantom",
    "pixels": "cxrtk.data.pixels",
    "regions": "cxrtk.data.regions",
    "scores": "cxrtk.evaluation.scores",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted([*_HOME_OF, *_MODULES, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _HOME_OF:
        return getattr(import_module(_HOME_OF[name]), name)
    raise AttributeError(f"module 'cxrtk' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
