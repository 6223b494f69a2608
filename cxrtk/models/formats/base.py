"""The interface of a format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import torch

from cxrtk.models.model_file import Model

IMAGES, LOGITS = "images", "logits"  # names of a file's input and output
KEY = "cxrtk"  # of the description in files whose metadata are pairs of names and texts
EXTRA_FILE = "metadata.json"  # name of the description in archives of torch, as in those of MONAI


class Loaded(NamedTuple):
    """A file, read by the library that its users run it with.

    Attributes:
        run: (B, C, H, W) float32 images -> (B, classes, ...) float32 logits.
        about: The description in the file; see `cxrtk.models.formats.about.about`.
    """

    run: Callable[[torch.Tensor], torch.Tensor]
    about: dict[str, Any]


class FileFormat(Protocol):
    """A module of this package, whose functions are the methods.

    Attributes:
        SUFFIX: Suffix of its files.
        TITLE: Name of the format.
        PACKAGES: Packages that it needs beside torch.
        EXTRA: The extra of cxrtk that installs them; empty without any.
    """

    SUFFIX: str
    TITLE: str
    PACKAGES: tuple[str, ...]
    EXTRA: str

    def write(self, model: Model, about: dict[str, Any], multiple: int, path: Path) -> None:
        """Write a model; files beside `path` belong to it and have its stem.

        Args:
            model: The model, on the CPU.
            about: Description for the file, in plain JSON values.
            multiple: Rows and columns that the network takes are multiples of this number; 0 for the model's
                own size only.
            path: The file.

        Raises:
            ConfigError: The network cannot be written in this format.
        """
        ...

    def load(self, path: Path) -> Loaded:
        """Read a file that `write` wrote, to run it on the CPU."""
        ...
