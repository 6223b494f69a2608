"""Export of a model as a bundle in the layout of MONAI's model zoo, which runs without cxrtk."""

from cxrtk.bundles.zoo.write import write_bundle

__all__ = ["write_bundle"]
