"""A virtual environment with links to all packages of this one, but for cxrtk and its plugins."""

from __future__ import annotations

import sysconfig
import venv
from pathlib import Path


def make_environment(folder: Path) -> Path:
    """Make it, and return its Python; nothing is downloaded."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "cxrtk" not in path.name and path.suffix != ".pth":
            (packages / path.name).symlink_to(path)
    return folder / "bin" / "python"
