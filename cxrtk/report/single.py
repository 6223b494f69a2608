"""Page of one image: the preview, and the results as printed by `cxrtk segment`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cxrtk import __version__
from cxrtk.inference.segmentation.answer import answers
from cxrtk.report import words
from cxrtk.report.entries import Entry
from cxrtk.report.large import large
from cxrtk.report.limits import limits_of
from cxrtk.report.masks import STYLES
from cxrtk.report.page import render
from cxrtk.report.sources import Images
from cxrtk.report.summary import made


def build(entry: Entry, folder: Path, paths: Sequence[Path], images: Images, title: str) -> str:
    """Build the page of the only image of a folder, as HTML.

    Args:
        entry: Entry of the image in the manifest.
        folder: Output folder of `cxrtk segment`.
        paths: Manifests of the folder.
        images: Current folder of the image; it is read only if there is no preview.
        title: Title of the page; empty for the name of the image.

    Raises:
        DataError: The JSON file among the results cannot be read.
    """
    picture = large(entry, folder, images)
    areas = entry.measures.get("area_px") or {}
    rows = [(label, words.printable(text)) for label, text in answers(entry, folder)]
    return render(
        "single.html",
        {
            "title": title or words.printable(entry.input),
            "version": __version__,
            "notices": [],
            "styles": [style for name, style in STYLES.items() if name in areas],
            "picture": picture,
            "rows": rows,
            "limits": limits_of(entry.model),
            "made": made([entry], paths),
        },
    )
