"""Shared parts of the verbs that take addresses of DICOMweb servers, imported for an address only."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtk.cli.walk import ANY, HINT
from cxrtk.errors import ConfigError
from cxrtk.wording import counted

if TYPE_CHECKING:
    from cxrtk.dicomweb.addresses import Address
    from cxrtk.dicomweb.servers import Servers
    from cxrtk.passes.walk import Result

SCHEMES = ("http://", "https://")
NEEDS = ("dicom-seg", "dicom-sr")  # formats that can be stored

Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="DICOMweb server that receives SEG and SR; adds dicom-seg and dicom-sr to the output types.",
    ),
]
Credentials = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        envvar="CXRTK_DICOMWEB_CREDENTIALS",
        help="TOML file with the credentials of each DICOMweb server; see docs/dicomweb.md.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        envvar="CXRTK_DICOMWEB_CA_FILE",
        help="Authorities that sign the certificates of DICOMweb servers, as PEM.",
    ),
]


def is_remote(word: str) -> bool:
    """Return whether an input is an address rather than a path."""
    return word.lower().startswith(SCHEMES)


@dataclass(frozen=True)
class Remote:
    """The servers that a command names.

    Attributes:
        servers: Their credentials; ``None`` where no server is named.
        target: The server that receives SEG and SR; ``None`` for none.
    """

    servers: Servers | None = None
    target: Address | None = None

    @staticmethod
    def of(
        inputs: Sequence[str], store: str | None, credentials: Path | None, ca_file: Path | None
    ) -> Remote:
        """Read the addresses and credentials of a command.

        Raises:
            ConfigError: An address is not valid, its credentials cannot be used, or the extra is missing.
        """
        if store is None and not any(map(is_remote, inputs)):
            return Remote()
        require_extra()
        from cxrtk.dicomweb.addresses import address_of
        from cxrtk.dicomweb.credentials import Keyring
        from cxrtk.dicomweb.servers import Servers

        keyring = Keyring(credentials, ca_file)
        for word in filter(is_remote, inputs):
            keyring.access(address_of(word))
        if store is None:
            return Remote(Servers(keyring))
        if not is_remote(store):
            raise ConfigError(f"--store {store}: is not an address; write it as https://HOST/dicom-web.")
        target = address_of(store)
        if target.study:
            raise ConfigError(f"--store {store}: names a study; name the server, as {target.service}.")
        keyring.access(target)
        return Remote(Servers(keyring), target)

    def formats(self, given: Sequence[str]) -> list[str]:
        """Output types, with those that can be stored, if they are to be."""
        own = {name.replace("_", "-") for name in given}
        return [*given, *(name for name in NEEDS if self.target is not None and not own & set(NEEDS))]

    @contextmanager
    def local(self, inputs: Sequence[str], modality: Sequence[str]) -> Iterator[list[str]]:
        """Yield the inputs as paths; what is fetched for it is removed at the end.

        Raises:
            CxrError: An address cannot be fetched; see `cxrtk.dicomweb.fetching.fetched`.
        """
        if not any(map(is_remote, inputs)):
            yield list(inputs)
            return
        assert self.servers is not None
        from cxrtk.data.pixels.dicom.files import MODALITIES
        from cxrtk.dicomweb.fetching import fetched
        from cxrtk.process.signals import guarded_signals

        wanted = None if ANY in modality else modality or MODALITIES
        with guarded_signals(HINT), fetched(inputs, self.servers, wanted) as paths:
            yield paths

    def store(self, result: Result, output: Path, *, quiet: bool) -> dict[str, int]:
        """Store the SEG and SR of a pass; return how many were stored, and how many were there.

        Raises:
            RemoteError: The server cannot be reached, or refuses; the message says how to go on.
        """
        if self.servers is None or self.target is None:
            return {}
        from cxrtk.dicomweb.storing import derived_files, store_all
        from cxrtk.errors import RemoteError
        from cxrtk.process.signals import guarded_signals

        with guarded_signals(HINT), self.servers.client(self.target) as client:
            try:
                stored, there = store_all(client, derived_files(result.entries, output))
            except RemoteError as error:
                raise RemoteError(f"{error} The results are in {output}; continue with {HINT}.") from None
        if not quiet:
            again = f", {there} already present" if there else ""
            print(f"{counted(stored, 'object')} stored at {self.target}{again}.", file=sys.stderr)
        return {"stored": stored, "stored_before": there}


def require_extra() -> None:
    """Look whether the libraries of the extra ``dicomweb`` are installed.

    Raises:
        ConfigError: One is not.
    """
    from importlib.util import find_spec

    for name in ("requests", "python_multipart", "tenacity", "pynetdicom"):
        if find_spec(name) is None:
            raise ConfigError(f"Server addresses need {name}: pip install cxrtk[dicomweb]")
