"""Reading of JSON files in result folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cxrtk.errors import DataError


def read_object(path: Path) -> dict[str, Any]:
    """Read the object in a JSON file.

    Raises:
        DataError: The file cannot be read, or does not hold an object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {error}.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path}: holds no JSON object.")
    return content
