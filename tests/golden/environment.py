"""What the bytes of an output depend on besides the code: libraries, and for some outputs the processor."""

from __future__ import annotations

import json
import platform
import zlib
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from PIL import features

import cxrtk

LIBRARIES = (
    "highdicom", "Jinja2", "matplotlib", "monai", "nibabel", "numpy", "pillow", "pydicom", "pydicom-data",
    "rich", "safetensors", "scipy", "torch", "typer",
)  # fmt: skip


@dataclass(frozen=True)
class Environment:
    """Where outputs were made.

    Attributes:
        libraries: Name -> version; a release of one may draw, word or round otherwise.
        processor: Its name, and the instructions that torch uses: the last bits of floating-point sums.
        packers: What compresses files, and the version of `cxrtk`, which some files hold.
    """

    libraries: dict[str, str]
    processor: dict[str, str]
    packers: dict[str, str]

    @staticmethod
    @cache
    def here() -> Environment:
        """That of this process."""
        libraries = {name: version(name).partition("+")[0] for name in LIBRARIES}
        processor = {"name": _name(), "capability": torch.backends.cpu.get_cpu_capability()}
        packers = {"cxrtk": cxrtk.__version__, "zlib": zlib.ZLIB_RUNTIME_VERSION}
        return Environment(libraries, processor, packers | {"pillow's": str(features.version("zlib"))})

    @staticmethod
    def read(path: Path) -> Environment:
        """One that was recorded."""
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Environment(**content)

    def write(self, path: Path) -> None:
        """Record it."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def _name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
