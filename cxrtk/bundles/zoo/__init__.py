"""A model as a bundle that others can take over: the files of MONAI's model zoo, which need no cxrtk."""

from cxrtk.bundles.zoo.write import write_bundle

__all__ = ["write_bundle"]
