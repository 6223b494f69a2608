"""Looks for words in all bytes of a file: as they are, re-encoded, and inside of what is packed in it."""

from __future__ import annotations

import base64
import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")  # NumPy's text is the last
PNG = b"\x89PNG\r\n\x1a\n"
GZIP, ZIP = b"\x1f\x8b", b"PK\3\4"


def found(words: Iterable[str], data: bytes) -> set[str]:
    """Those of `words` that are in `data`, in either case."""
    layers = list(unpacked(data))
    lowered = [layer.lower() for layer in layers]
    return {word for word in words if _is_in(word, layers, lowered)}


def found_below(words: Iterable[str], folder: Path) -> dict[str, set[str]]:
    """File -> those of `words` that are in it or in its name; files without any are left out."""
    words = list(words)
    hits = {}
    for path in sorted(folder.rglob("*")):
        data = str(path.relative_to(folder)).encode() + b"\0"
        if path.is_symlink():
            data += str(path.readlink()).encode()
        elif path.is_file():
            hits[str(path)] = found(words, data) | found(words, path.read_bytes())
            continue
        hits[str(path)] = found(words, data)
    return {path: words_there for path, words_there in hits.items() if words_there}


def unpacked(data: bytes, depth: int = 3) -> Iterator[bytes]:
    """The bytes, and those of zip members, gzip streams and the compressed text of PNG files within."""
    yield data
    if depth == 0:
        return
    if data.startswith(ZIP):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name), depth - 1)
    if data.startswith(GZIP):
        yield from unpacked(gzip.decompress(data), depth - 1)
    start = data.find(PNG)
    while start >= 0:
        yield from _png_texts(data[start + len(PNG) :])
        start = data.find(PNG, start + 1)


def _png_texts(data: bytes) -> Iterator[bytes]:
    """The compressed texts of the chunks (PNG specification, 11.3.3); the others stand there as they are."""
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        content = data[at + 8 : at + 8 + length]
        at += length + 12
        if kind in (b"zTXt", b"iCCP", b"iTXt") and b"\0" in content:
            packed = content[content.index(b"\0") + 1 :]
            for skip in range(min(len(packed), 64)):  # flags, language and keyword stand before it
                try:
                    yield zlib.decompress(packed[skip:])
                    break
                except zlib.error:
                    continue
        if kind == b"IEND":
            return


def _is_in(word: str, layers: list[bytes], lowered: list[bytes]) -> bool:
    plain = [word.lower().encode(encoding) for encoding in ENCODINGS]
    if any(form in layer for layer in lowered for form in plain):
        return True
    return any(form in layer for layer in layers for form in _in_base64(word))


def _in_base64(word: str) -> Iterator[bytes]:
    """The part that does not depend on the neighbours, for each of the three places in a group of three."""
    for shift in range(3):
        raw = b"\0" * shift + word.encode()
        whole = len(raw) // 3 * 3
        yield base64.b64encode(raw[:whole])[4 if shift else 0 :]
