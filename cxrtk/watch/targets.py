"""Targets of a watch: a DICOMweb server, another DICOM node, or a folder."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cxrtk.data.atomic import replacing
from cxrtk.dicomweb.addresses import Address
from cxrtk.dicomweb.client import Client
from cxrtk.dicomweb.storing import Derived
from cxrtk.errors import ConfigError, RemoteError

SUCCESS = 0x0000
WARNINGS = range(0xB000, 0xC000)  # PS3.4 table B.2-1: stored, with a remark
OUT_OF_RESOURCES = range(0xA700, 0xA800)
TIMEOUT_SECONDS = 60.0
OWN_AET = "CXRTK"
_NODE = re.compile(
    r"dicom://(?P<aet>[^@/]{1,16})@(?P<host>\[[0-9a-fA-F:]+\]|[^:@/\[\]]+):(?P<port>\d{1,5})/?"
)


class Target(ABC):
    """Destination of objects; an object that it already holds is not stored twice.

    Attributes:
        name: Name for messages, and for the state.
    """

    name: str = ""

    @abstractmethod
    def store(self, path: Path) -> None:
        """Store one DICOM file.

        Raises:
            RemoteError: The target cannot be reached, or refuses.
            StorageError: The disk is full.
        """


class ServerTarget(Target):
    """A DICOMweb server.

    Args:
        address: Its address.
        client: Function that creates a client of a server.
    """

    def __init__(self, address: Address, client: Callable[[Address], Client]) -> None:
        self.name = address.service
        self._address = address
        self._client = client

    def store(self, path: Path) -> None:
        """Store the file, unless the server has an object with its UID."""
        derived = Derived.of(path)
        with self._client(self._address) as client:
            if not client.has(derived.instance):
                client.store(path, derived.instance.uid)


class FolderTarget(Target):
    """A folder with one subfolder per study."""

    def __init__(self, root: Path) -> None:
        self.name = str(root.absolute())
        self._root = root

    def store(self, path: Path) -> None:
        """Copy the file to ``<Study UID>/<modality>_<UID>.dcm``, completely or not at all."""
        found = Derived.of(path).instance
        with replacing(self._root / found.study / f"{found.modality}_{found.uid}.dcm", durable=True) as part:
            part.write_bytes(path.read_bytes())


@dataclass(frozen=True)
class Node:
    """Another DICOM node.

    Attributes:
        aet: Its application entity title.
        host: Its host.
        port: Its port.
    """

    aet: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"dicom://{self.aet}@{self.host}:{self.port}"


def node_of(text: str) -> Node:
    """Parse the address of a node.

    >>> str(node_of("dicom://PACS@10.0.0.7:104"))
    'dicom://PACS@10.0.0.7:104'

    Raises:
        ConfigError: The address has another form.
    """
    found = _NODE.fullmatch(text)
    if found is None or not 0 < int(found["port"]) < 65536 or not found["aet"].isascii():
        raise ConfigError(f"--store {text}: is not a DICOM node; write it as dicom://AET@HOST:PORT.")
    return Node(found["aet"].strip(), found["host"].strip("[]"), int(found["port"]))


class NodeTarget(Target):
    """A DICOM node that accepts C-STORE.

    Args:
        node: The node.
        aet: Calling application entity title, our own.
    """

    def __init__(self, node: Node, aet: str = OWN_AET) -> None:
        self.name = str(node)
        self._node = node
        self._aet = aet

    def store(self, path: Path) -> None:
        """Send the file; a node that already has the object responds as if it were new."""
        import pydicom
        from pynetdicom import AE

        dataset = pydicom.dcmread(path)
        entity = AE(self._aet)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = TIMEOUT_SECONDS
        entity.connection_timeout = TIMEOUT_SECONDS
        entity.add_requested_context(dataset.SOPClassUID, dataset.file_meta.TransferSyntaxUID)
        association = entity.associate(self._node.host, self._node.port, ae_title=self._node.aet)
        if not association.is_established:
            if association.rejected_contexts:
                raise RemoteError(f"{self.name}: does not take objects of {dataset.SOPClassUID.name}.")
            refused = association.is_rejected
            what = "refuses our association; allow our title there" if refused else "cannot be reached"
            raise RemoteError(f"{self.name}: {what}.", again=True, whole=True)
        try:
            status = association.send_c_store(dataset)
        finally:
            association.release()
        code = status.get("Status") if status else None
        if code is None:
            raise RemoteError(f"{self.name}: does not answer.", again=True, whole=True)
        if code != SUCCESS and code not in WARNINGS:
            full = code in OUT_OF_RESOURCES
            raise RemoteError(
                f"{self.name}: refuses an object; (0000,0900) Status = {code:04X}H.", again=full, whole=full
            )
