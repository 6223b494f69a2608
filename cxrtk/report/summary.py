"""Summary above the images of a page: provenance, and content missing from the page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cxrtk.passes import manifest
from cxrtk.report import sources
from cxrtk.report.entries import Entry
from cxrtk.report.sources import Shown
from cxrtk.report.words import Fact


def made(entries: Sequence[Entry], paths: Sequence[Path]) -> list[Fact]:
    """Return model, settings and date of a segmentation, from the manifest rather than the clock."""
    found = []
    for model in _different(entry.model for entry in entries):
        name = " ".join(str(model[key]) for key in ("name", "version") if model.get(key))
        found += [Fact("Model", name), Fact("SHA-256 of the model", str(model.get("sha256", "")))]
    for settings in _different(entry.settings for entry in entries):
        said = [f"{name.replace('_', ' ')} {_setting(value)}" for name, value in settings.items()]
        found.append(Fact("Settings", "; ".join(said)))
    newest = max(path.stat().st_mtime for path in paths)
    day = datetime.fromtimestamp(newest, timezone.utc).date()
    return [*found, Fact("Manifest last written", f"{day.isoformat()} (UTC)")]


def notices(total: int, shown: Sequence[Shown], paths: Sequence[Path]) -> list[str]:
    """Return notices about content missing from the page."""
    said = []
    if len(shown) < total:
        said.append(
            f"{len(shown):,} of {total:,} images are shown, those that most need review first; "
            "the counts are of all."
        )
    parts = {path.stem.rpartition("_of_")[2] for path in paths if path.name != manifest.FILE}
    if parts and parts != {str(len(paths))}:
        said.append(f"Only {len(paths)} of {' or '.join(sorted(parts))} parts are here.")
    count = Counter(each.source for each in shown if each.source or each.notes)
    if count[sources.PREVIEW]:
        said.append(
            f"{count[sources.PREVIEW]:,} pictures are from previews, not from the images: "
            "their greys are less exact."
        )
    if count[sources.NOWHERE]:
        said.append(
            f"{count[sources.NOWHERE]:,} images have no picture here: neither the image nor a preview "
            "could be shown."
        )
    return said


def _different(values: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return list({json.dumps(value, sort_keys=True): value for value in values if value}.values())


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
