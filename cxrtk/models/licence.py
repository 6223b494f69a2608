"""Licence of a model's weights: a text file beside them, ``lungs.LICENSE`` for ``lungs.safetensors``.

The first line of that file summarises the permissions in a few words, or names the licence.

Imports neither torch nor MONAI.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cxrtk.errors import CheckpointError

SUFFIX = ".LICENSE"
NONE_STATED = "none stated"


@dataclass(frozen=True)
class Licence:
    """Licence of a model's weights.

    Attributes:
        terms: Permissions in a few words, or the licence's name; `NONE_STATED` if there is no licence file.
        path: Path of the licence file; ``None`` if there is none.
    """

    terms: str
    path: Path | None = None


def licence_of(model: Path) -> Licence:
    """Return the licence of a model file, from the licence file beside it.

    Args:
        model: Path of a ``.safetensors`` file.

    Raises:
        CheckpointError: The licence file is not text, or is empty.

    >>> licence_of(Path("a_model_without_licence.safetensors")).terms
    'none stated'
    """
    path = model.with_suffix(SUFFIX)
    if not path.is_file():
        return Licence(NONE_STATED)
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{path}: cannot be read ({error}); save the licence as UTF-8 text.") from error
    terms = next((line.strip() for line in lines if line.strip()), "")
    if not terms:
        raise CheckpointError(f"{path}: is empty; its first line must state what the licence permits.")
    return Licence(terms, path)
