"""The command line that started this process, as typed by the user."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

MONAI_MAIN = ("monai", "bundle", "__main__.py")


def command_words(argv: Sequence[str] | None = None) -> list[str]:
    """Return the command line as a user types it: ``python -m monai.bundle run ...``, ``cxrtk train ...``.

    >>> command_words(["/venv/lib/monai/bundle/__main__.py", "run", "--max_epochs", "3"])
    ['python', '-m', 'monai.bundle', 'run', '--max_epochs', '3']
    >>> command_words(["/venv/bin/cxrtk", "train", "unet_cxr"])
    ['cxrtk', 'train', 'unet_cxr']
    """
    first, *rest = sys.argv if argv is None else argv
    if Path(first).parts[-3:] == MONAI_MAIN:
        return ["python", "-m", "monai.bundle", *rest]
    if Path(first).parts[-2:] == ("cxrtk", "__main__.py") or Path(first).name == "cxrtk":
        return ["cxrtk", *rest]
    return ["python", first, *rest]
