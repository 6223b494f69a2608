"""Embedding of bytes as a data URI, so that a page needs no other file."""

from __future__ import annotations

import base64


def data_uri(content: bytes, media_type: str) -> str:
    """Return the `data:` URI of an image file, such as a WebP, a PNG or an SVG.

    Args:
        content: Bytes of the whole file.
        media_type: Media type, such as ``image/png`` or ``image/svg+xml``.

    >>> data_uri(b"<svg/>", "image/svg+xml")
    'data:image/svg+xml;base64,PHN2Zy8+'
    """
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"
