"""Contracts of the sources of data: readers of images and labels, and generators of masks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from cxrtk.api.label import Label
from cxrtk.api.radiograph import Radiograph

if TYPE_CHECKING:
    import torch


class Reader(ABC):
    """A source of radiographs: lists them, and reads their pixels and any labels."""

    @abstractmethod
    def items(self) -> list[dict[str, Any]]:
        """Return one dict per radiograph, in a stable order.

        Each dict has ``"image"`` (path, a str), ``"patient"`` (a str key, for splits by patient) and the
        columns of the source. The dicts of one reader share their keys.

        Raises:
            DataError: The root does not exist or holds no radiograph.
        """

    @abstractmethod
    def read(self, path: str | Path) -> Radiograph:
        """Read one radiograph.

        Raises:
            CxrReadError: The file cannot be read; the message names the path, the fault and the remedy.
        """

    def read_label(self, item: Mapping[str, Any]) -> Label | None:
        """Read the label of one of `items()`; return ``None`` if the source has no label for it.

        Raises:
            CxrReadError: The label exists, but cannot be read or does not match the size of its image.
        """
        return None

    def files(self, item: Mapping[str, Any]) -> list[str]:
        """Return the files from which the image and label of one of `items()` are read.

        The disk cache and a resumed pass check them for changes. A reader with labels in separate files adds
        those files. A reader that makes its images itself returns none; their paths then name what is made.
        """
        return [str(item["image"])]

    def ignored(self) -> int:
        """Return the number of files that `items` skipped because their names are not those of images."""
        return 0

    def has_label(self, item: Mapping[str, Any]) -> bool:
        """Return whether `read_label` would return a label; large readers answer without decoding it."""
        return self.read_label(item) is not None


@runtime_checkable
class MaskGenerator(Protocol):
    """Lung mask from the image alone; any callable of this signature qualifies, such as a MONAI transform."""

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        """Map (1, H, W) float in [0, 1] to a mask of the same shape, float zeros and ones."""
