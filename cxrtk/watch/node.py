"""A DICOM node that receives radiographs from other nodes (storage SCP, PS3.4 annex B), by pynetdicom.

An object is acknowledged once it lies on the disk under its final name: the sender may then forget it.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, _config, evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    SecondaryCaptureImageStorage,
    Verification,
)

from cxrtk.data.atomic import replacing
from cxrtk.data.pixels.content import MAX_BYTES, open_regular
from cxrtk.data.pixels.dicom.parsing import hushed, parse
from cxrtk.dicomweb.addresses import is_uid
from cxrtk.errors import ConfigError, CxrError, CxrReadError

CLASSES = (
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    SecondaryCaptureImageStorage,
)
MOST_ASSOCIATIONS = 20
ROOM = 1 << 30  # bytes that stay free on the disk
TIMEOUT_SECONDS = 60.0
# PS3.4 table B.2-1 and PS3.7 annex C
SUCCESS, NOT_AUTHORISED, OUT_OF_RESOURCES, CANNOT_UNDERSTAND = 0x0000, 0x0124, 0xA700, 0xC000
LONGEST_TITLE = 16

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Peer:
    """A node that is allowed to send.

    Attributes:
        aet: Its application entity title.
        host: Its IP address; empty for any.
    """

    aet: str
    host: str = ""


def peer_of(text: str) -> Peer:
    """Parse a peer.

    >>> peer_of("XRAY1@10.0.0.7"), peer_of("XRAY2")
    (Peer(aet='XRAY1', host='10.0.0.7'), Peer(aet='XRAY2', host=''))

    Raises:
        ConfigError: The text has another form.
    """
    import ipaddress

    aet, at, host = text.partition("@")
    if at:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            raise ConfigError(
                f"--peer {text}: write it as AET, or as AET@ADDRESS with an IP address."
            ) from None
    return Peer(title_of("--peer", aet), host)


def title_of(option: str, text: str) -> str:
    """Check an application entity title (PS3.5 section 6.2).

    Raises:
        ConfigError: The title is empty, too long, or has characters that are not allowed.
    """
    if (
        not 0 < len(text.strip()) <= LONGEST_TITLE
        or not text.isascii()
        or not text.isprintable()
        or "\\" in text
    ):
        raise ConfigError(f"{option} {text}: a title has 1 to {LONGEST_TITLE} letters, without a backslash.")
    return text.strip()


class Receiver:
    """Receiver of radiographs, written to a folder; a context manager that stops at the end.

    Args:
        folder: Folder for ``<Study UID>/<SOP Instance UID>.dcm``.
        port: Port to listen on; 0 for any free one.
        bind: Address to listen on.
        aet: Own application entity title; associations that call another one are rejected.
        peers: Nodes that may send; empty for any.
    """

    def __init__(
        self, folder: Path, port: int, bind: str = "127.0.0.1", aet: str = "CXRTK", peers: Sequence[Peer] = ()
    ) -> None:
        self.folder = folder
        self.peers = peers
        self._where = (bind, port)
        self._writing = threading.Lock()  # two associations may send the same object
        self._entity = AE(aet)
        self._entity.require_called_aet = True
        self._entity.require_calling_aet = sorted({peer.aet for peer in peers})
        self._entity.maximum_associations = MOST_ASSOCIATIONS
        self._entity.acse_timeout = self._entity.dimse_timeout = TIMEOUT_SECONDS
        self._entity.network_timeout = TIMEOUT_SECONDS
        self._entity.add_supported_context(Verification)
        for each in CLASSES:
            self._entity.add_supported_context(each, ALL_TRANSFER_SYNTAXES)
        self._server: Any = None

    def __enter__(self) -> Receiver:
        """Start listening.

        Raises:
            ConfigError: Listening on the port is not possible.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        _config.STORE_RECV_CHUNKED_DATASET = True  # to a file rather than to memory
        handlers: list[Any] = [(evt.EVT_C_STORE, self._store), (evt.EVT_C_ECHO, self._echo)]
        try:
            self._server = self._entity.start_server(self._where, block=False, evt_handlers=handlers)
        except OSError as error:
            bind, port = self._where
            raise ConfigError(
                f"--listen {port}: cannot listen on {bind}: {error.strerror}; choose another port; ports "
                "below 1024 need special permission."
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, and end all associations; senders repeat objects that were not acknowledged."""
        if self._server is not None:
            self._server.shutdown()
            self._entity.shutdown()

    @property
    def port(self) -> int:
        """Port on which the receiver listens."""
        return int(self._server.server_address[1])

    def _echo(self, event: Any) -> int:
        return SUCCESS if self._is_allowed(event) else NOT_AUTHORISED

    def _store(self, event: Any) -> int:
        """Store a received object; the returned status tells the sender whether it was stored."""
        if not self._is_allowed(event):
            logger.warning(
                "An object was refused: its sender %s is not a peer.", event.assoc.requestor.address
            )
            return NOT_AUTHORISED
        try:
            return self._keep(event)
        except (OSError, CxrError) as error:
            logger.error("An object was refused: %s", error)
            return OUT_OF_RESOURCES

    def _keep(self, event: Any) -> int:
        received = Path(event.dataset_path)
        uid = str(event.request.AffectedSOPInstanceUID)
        size = received.stat().st_size
        if size > MAX_BYTES or shutil.disk_usage(self.folder).free < ROOM + size:
            logger.error(
                "An object was refused: it has %d bytes, which would leave too little space on the disk.",
                size,
            )
            return OUT_OF_RESOURCES
        study = _study_of(received)
        if not is_uid(study) or not is_uid(uid):
            logger.warning("An object was refused: it has no UIDs of a study and an instance.")
            return CANNOT_UNDERSTAND
        with self._writing, replacing(self.folder / study / f"{uid}.dcm", durable=True) as part:
            shutil.copyfile(received, part)
        return SUCCESS

    def _is_allowed(self, event: Any) -> bool:
        sender = event.assoc.requestor
        title, host = str(sender.ae_title).strip(), sender.address
        return not self.peers or any(each.aet == title and each.host in ("", host) for each in self.peers)


def _study_of(path: Path) -> str:
    """Return the Study Instance UID of a file; empty if its header is damaged, or has none."""
    try:
        with hushed(), open_regular(path) as stream:
            header = parse(stream, path, ["StudyInstanceUID"]).dataset
            return str(header.get("StudyInstanceUID") or "").strip(" \0")
    except CxrReadError:
        return ""
