"""Multipart messages of DICOMweb (PS3.18 section 8.6.1.2), read piece by piece, and written."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from email.message import Message
from typing import BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from cxrtk.errors import RemoteError

MULTIPART = "multipart/related"
DICOM = "application/dicom"


def save_part(content_type: str, pieces: Iterable[bytes], file: BinaryIO, *, most: int, server: str) -> None:
    """Write the only part of an answer to a file.

    Args:
        content_type: Header of the response. Some servers send bare ``application/dicom``, without parts.
        pieces: Content of the answer.
        file: File to write to.
        most: Maximum number of bytes of the part.
        server: Name of the server, for messages.

    Raises:
        RemoteError: The answer is of another type, is damaged, ends too early, or has more than one part or
            too many bytes.
    """
    header = Message()
    header["Content-Type"] = content_type
    kind = header.get_content_type()
    sink = _Sink(file, most, server)
    if kind == DICOM:
        for piece in pieces:
            sink.data(piece, 0, len(piece))
        return
    boundary = header.get_param("boundary")
    if kind != MULTIPART or not isinstance(boundary, str) or not 0 < len(boundary) <= 200:
        raise RemoteError(f"{server}: answers with {kind or 'no type'}, not with DICOM; check the address.")
    parser = MultipartParser(
        boundary.encode("latin-1", "replace"),
        {"on_part_begin": sink.begin, "on_part_data": sink.data, "on_end": sink.end},
    )
    try:
        for piece in pieces:
            parser.write(piece)
            if sink.ended:
                break
    except MultipartParseError:
        raise RemoteError(f"{server}: its answer is damaged.", again=True) from None
    if not sink.ended:
        raise RemoteError(f"{server}: its answer ends too early.", again=True)
    if sink.parts != 1:
        raise RemoteError(f"{server}: sends {sink.parts} objects where one was asked for.")


class _Sink:
    """Receiver of the parts of a message."""

    def __init__(self, file: BinaryIO, most: int, server: str) -> None:
        self.file = file
        self.left = most
        self.most = most
        self.server = server
        self.parts = 0
        self.ended = False

    def begin(self) -> None:
        self.parts += 1

    def data(self, piece: bytes, start: int, end: int) -> None:
        self.left -= end - start
        if self.left < 0:
            raise RemoteError(f"{self.server}: sends an object of more than {self.most:,} bytes.")
        if self.parts <= 1:
            self.file.write(memoryview(piece)[start:end])

    def end(self) -> None:
        self.ended = True


def message_of(content: bytes) -> tuple[str, bytes]:
    """Make a message of one DICOM object.

    Returns:
        Its Content-Type, and the message.
    """
    boundary = uuid.uuid4().hex
    head = f"--{boundary}\r\nContent-Type: {DICOM}\r\n\r\n".encode()
    tail = f"\r\n--{boundary}--\r\n".encode()
    return f'{MULTIPART}; type="{DICOM}"; boundary={boundary}', head + content + tail
