"""The command line that started this process, as typed by the user."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

MONAI_MAIN = ("monai", "bundle", "__main__.py")


def command_words(argv: Sequence[str] | None = None) -> list[str]:
    """Return the command line as a user types it: ``python -m monai.bundle run ...``, ``cxrtk train ...``.

    In a process of ``torchrun`` the command begins with it, without the address at which several machines
    meet.

    >>> command_words(["/venv/lib/monai/bundle/__main__.py", "run", "--max_epochs", "3"])
    ['python', '-m', 'monai.bundle', 'run', '--max_epochs', '3']
    >>> command_words(["/venv/bin/cxrtk", "train", "unet_cxr"])
    ['cxrtk', 'train', 'unet_cxr']
    """
    words = _words(*(sys.argv if argv is None else argv))
    launcher = _launcher()
    if not launcher:
        return words
    return [*launcher, *(words[1:] if words[0] == "python" else ["-m", *words])]


def _launcher() -> list[str]:
    """Return the ``torchrun`` part of the command, as far as its processes know it; empty without it."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return []
    here, machines = os.environ.get("LOCAL_WORLD_SIZE", "1"), os.environ.get("GROUP_WORLD_SIZE", "1")
    several = [] if machines == "1" else ["--nnodes", machines]
    return ["torchrun", *several, "--nproc_per_node", here]


def _words(first: str, *rest: str) -> list[str]:
    if Path(first).parts[-3:] == MONAI_MAIN:
        return ["python", "-m", "monai.bundle", *rest]
    if Path(first).parts[-2:] == ("cxrtk", "__main__.py") or Path(first).name == "cxrtk":
        return ["cxrtk", *rest]
    return ["python", first, *rest]
