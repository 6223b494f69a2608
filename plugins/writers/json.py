"""Writer of the measures and the quality flag of one radiograph as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from cxrtk import Segmentation, Writer, writers


@writers.register("json")
class JsonWriter(Writer):
    """Writer of ``<stem>.json``: ``classes``, ``measures``, ``quality``, ``model``, ``radiograph``.

    ``radiograph`` describes how its pixels were read: size, spacing, each decision, flags and warnings. It
    contains nothing that identifies a person, since the reader passes on allow-listed values only.
    """

    def write(self, segmentation: Segmentation, stem: Path) -> list[Path]:
        """Write one JSON file."""
        radiograph = segmentation.radiograph
        height, width = radiograph.pixels.shape
        content = {
            "classes": segmentation.classes,
            "measures": dict(segmentation.measures),
            "quality": dict(segmentation.quality),
            "model": dict(segmentation.model),
            "radiograph": {"height": height, "width": width, **radiograph.meta},
        }
        path = stem.with_name(f"{stem.name}.json")
        text = json.dumps(content, indent=1, sort_keys=True, default=str, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")
        return [path]
