"""Bytes as a URI that holds them, so that a page needs no file beside it."""

from __future__ import annotations

import base64


def data_uri(content: bytes, media_type: str) -> str:
    """The `data:` URI of a picture's bytes: a WebP, a PNG, or the SVG that a plotting library drew.

    Args:
        content: The whole file.
        media_type: As ``image/png`` or ``image/svg+xml``.

    >>> data_uri(b"<svg/>", "image/svg+xml")
    'data:image/svg+xml;base64,PHN2Zy8+'
    """
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"
