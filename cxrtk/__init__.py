"""cxrtk: plugin-based chest X-ray lung segmentation on MONAI. What is listed here is the public API.

::

    import cxrtk
    found = cxrtk.segment("chest.dcm")
    found.masks, found.measures, found.quality

Names are looked up on first use (PEP 562): `import cxrtk` imports neither torch nor MONAI.
"""

from cxrtk.lazy import attach
from cxrtk.process.user import ensure_user_name

ensure_user_name()
__version__ = "0.1.0"
__getattr__, __dir__, __all__ = attach(__name__, __file__, "__version__")
