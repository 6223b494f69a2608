"""The interface of a format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import torch

from cxrtk.models.model_file import Model

IMAGES, LOGITS = "images", "logits"  # names of a file's input and output
KEY = "cxrtk"  # key of the description in files with metadata as pairs of name and text
EXTRA_FILE = "metadata.json"  # name of the description in archives of torch, as in those of MONAI


class Loaded(NamedTuple):
    """A file, loaded by the library that its users run it with.

    Attributes:
        run: (B, C, H, W) float32 images -> (B, classes, ...) float32 logits.
        about: The description in the file; see `cxrtk.models.formats.about.about`.
    """

    run: Callable[[torch.Tensor], torch.Tensor]
    about: dict[str, Any]


class FileFormat(Protocol):
    """Interface of each module of this package; the module's functions are the methods.

    Attributes:
        SUFFIX: Suffix of its files.
        TITLE: Name of the format.
        PACKAGES: Packages that the format needs in addition to torch.
        EXTRA: Extra of cxrtk that installs these packages; empty if there are none.
    """

    SUFFIX: str
    TITLE: str
    PACKAGES: tuple[str, ...]
    EXTRA: str

    def write(self, model: Model, about: dict[str, Any], multiple: int, path: Path) -> None:
        """Write a model to `path`; further files are written beside it with the same stem.

        Args:
            model: The model, on the CPU.
            about: Description for the file, in plain JSON values.
            multiple: Number of which the rows and columns of an image must be multiples; 0 if the network
                takes only the model's own size.
            path: Path of the file.

        Raises:
            ConfigError: The network cannot be written in this format.
        """
        ...

    def load(self, path: Path) -> Loaded:
        """Read a file that `write` wrote, to run it on the CPU."""
        ...
