"""From a file to a tensor: pixels, masks, transforms, splits, cache, phantom.

Looked up on first use, so that a reader of pixels does not import MONAI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxrtk.lazy import lookup

if TYPE_CHECKING:
    from cxrtk.data.augment.anatomy import RandAnatomyd as RandAnatomyd
    from cxrtk.data.augment.disease import RandBasesd as RandBasesd
    from cxrtk.data.augment.disease import RandOpacityd as RandOpacityd
    from cxrtk.data.augment.exposure import RandCollimationd as RandCollimationd
    from cxrtk.data.augment.exposure import RandGreyRanged as RandGreyRanged
    from cxrtk.data.augment.exposure import RandJpegd as RandJpegd
    from cxrtk.data.augment.exposure import RandNegatived as RandNegatived
    from cxrtk.data.augment.mirror import RandMirrord as RandMirrord
    from cxrtk.data.augment.objects import RandForeignObjectsd as RandForeignObjectsd
    from cxrtk.data.balance import balanced_sampler as balanced_sampler
    from cxrtk.data.cache import cache_num as cache_num
    from cxrtk.data.datalist import DataLists as DataLists
    from cxrtk.data.disk_cache import DiskCacheDataset as DiskCacheDataset
    from cxrtk.data.disk_cache import cached as cached
    from cxrtk.data.findings import FINDINGS as FINDINGS
    from cxrtk.data.load_findings import LoadFindingsd as LoadFindingsd
    from cxrtk.data.partial import LoadClassesd as LoadClassesd
    from cxrtk.data.resize_classes import ResizeClassesd as ResizeClassesd
    from cxrtk.data.sources import dataset_or_sample as dataset_or_sample
    from cxrtk.data.splits import Split as Split
    from cxrtk.data.splits import read_split as read_split
    from cxrtk.data.splits import split_by_patient as split_by_patient
    from cxrtk.data.transforms import GenerateMaskd as GenerateMaskd
    from cxrtk.data.transforms import LoadLabeld as LoadLabeld
    from cxrtk.data.transforms import LoadRadiographd as LoadRadiographd

_HOME_OF = {
    "DataLists": "datalist",
    "DiskCacheDataset": "disk_cache",
    "FINDINGS": "findings",
    "GenerateMaskd": "transforms",
    "LoadClassesd": "partial",
    "LoadFindingsd": "load_findings",
    "LoadLabeld": "transforms",
    "LoadRadiographd": "transforms",
    "RandAnatomyd": "augment.anatomy",
    "RandBasesd": "augment.disease",
    "RandCollimationd": "augment.exposure",
    "RandForeignObjectsd": "augment.objects",
    "RandGreyRanged": "augment.exposure",
    "RandJpegd": "augment.exposure",
    "RandMirrord": "augment.mirror",
    "RandNegatived": "augment.exposure",
    "RandOpacityd": "augment.disease",
    "ResizeClassesd": "resize_classes",
    "Split": "splits",
    "balanced_sampler": "balance",
    "cache_num": "cache",
    "cached": "disk_cache",
    "dataset_or_sample": "sources",
    "read_split": "splits",
    "split_by_patient": "splits",
}

__all__ = sorted(_HOME_OF)
__getattr__ = lookup(__name__, _HOME_OF)
