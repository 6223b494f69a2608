"""Decoders of compressed DICOM pixel data."""

from __future__ import annotations

from collections.abc import Iterator

from cxrtk.cli.diagnosis.finding import MISSING, OK, Finding

OWN = "cxrtk"
INSTALL = {"pyjpegls": "pip install pyjpegls"}  # others are in the extra jpeg


def examine() -> Iterator[Finding]:
    """Yield each compressed transfer syntax that is read, with its decoder."""
    from pydicom.pixels import get_decoder

    from cxrtk.data.pixels.dicom.decoding import DECODERS

    for syntax, plugin in DECODERS.items():
        if plugin == OWN or plugin in get_decoder(syntax).available_plugins:
            yield Finding(OK, syntax.name, f"by {plugin}")
        else:
            cure = INSTALL.get(plugin, "pip install 'cxrtk[jpeg]'")
            yield Finding(MISSING, syntax.name, f"{plugin} is not installed, or cannot decode it", cure)
