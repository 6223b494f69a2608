"""Credentials of DICOM servers, from the environment or a file; each is sent to its own server only."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import tomllib

from cxrtk.dicomweb.addresses import Address, is_address, is_open, origin_of
from cxrtk.errors import ConfigError

PREFIX = "CXRTK_DICOMWEB_"
FILE_VARIABLE = f"{PREFIX}CREDENTIALS"
CA_VARIABLE = f"{PREFIX}CA_FILE"
FILES = ("certificate", "key", "ca_file")  # settings that are paths


@dataclass(frozen=True)
class Access:
    """Credentials of one server; secrets are left out of the `repr`.

    Attributes:
        user: User name of HTTP basic authentication.
        password: Its password.
        token: Bearer token, in place of user and password.
        certificate: PEM file of a client certificate.
        key: PEM file of its key, if the certificate's file does not hold it.
        ca_file: PEM file of the certificate authorities trusted for the server; empty for those of the Python
            installation.

    Raises:
        ConfigError: The parts do not fit together, or a file does not exist.
    """

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    certificate: str = ""
    key: str = ""
    ca_file: str = ""

    def __post_init__(self) -> None:
        if self.token and (self.user or self.password):
            raise ConfigError("A server has both a token and a user; state one of them.")
        if bool(self.user) != bool(self.password):
            raise ConfigError("A server has a user without a password, or a password without a user.")
        if self.key and not self.certificate:
            raise ConfigError("A server has a client key without a certificate; state both.")
        if not (self.user + self.password + self.token).isprintable():
            raise ConfigError("A user name, password or token of a server holds a line break; remove it.")
        for name in FILES:
            path = getattr(self, name)
            if path and not Path(path).is_file():
                raise ConfigError(f"{path}: no such file, named as {name.replace('_', ' ')} of a server.")

    @property
    def identifies(self) -> bool:
        """True if the credentials identify the client, rather than only state which authorities to trust."""
        return bool(self.user or self.token or self.certificate)


NAMES = tuple(each.name for each in fields(Access))


class Keyring:
    """Credentials of each server.

    Credentials in the environment belong to one server. A command that names two servers would send the
    password of one to the other, and is refused; a file can assign credentials to each server.

    Args:
        file: TOML file with one table per server, named after its address; ``None`` for no file.
        ca_file: PEM file of the certificate authorities for servers without a setting of their own.
        environment: Variables ``CXRTK_DICOMWEB_USER``, ``_PASSWORD``, ``_TOKEN``, ``_CERTIFICATE`` and
            ``_KEY``; ``None`` for the environment of this process.

    Raises:
        ConfigError: The file cannot be read, is readable by others, or holds something else.
    """

    def __init__(
        self,
        file: Path | None = None,
        ca_file: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if ca_file is not None and not ca_file.is_file():
            raise ConfigError(f"--ca-file {ca_file}: no such file; check the path.")
        given = os.environ if environment is None else environment
        self._of = {} if file is None else _read(file)
        self._ca_file = "" if ca_file is None else str(ca_file)
        own = {name: given.get(f"{PREFIX}{name.upper()}", "") for name in NAMES if name != "ca_file"}
        self._of_environment = Access(**own)
        self._server = ""  # the server that the credentials in the environment belong to

    def access(self, address: Address) -> Access:
        """Return the credentials of a server.

        Raises:
            ConfigError: The credentials would be sent unencrypted over the network, or to a second server.
        """
        found = self._of.get(address.origin)
        if found is None:
            found = self._of_environment
            if found.identifies:
                self._claim(address)
        if found.identifies and is_open(address.service):
            raise ConfigError(
                f"{address.service}: credentials are not sent over http, which anybody on the way can read; "
                "use https."
            )
        authorities = found.ca_file or self._ca_file
        return replace(found, ca_file=authorities)

    def _claim(self, address: Address) -> None:
        if self._server not in ("", address.origin):
            raise ConfigError(
                f"The credentials of the environment are for one server, but {self._server} and "
                f"{address.origin} are named; state those of each in a file, by --credentials."
            )
        self._server = address.origin


def _read(file: Path) -> dict[str, Access]:
    """Read the credentials of each server, by its origin; no message repeats a value of the file."""
    if not file.is_file():
        raise ConfigError(f"--credentials {file}: no such file; check the path.")
    try:
        if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise ConfigError(f"{file}: can be read by other users; allow only yourself: chmod 600 {file}")
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"--credentials {file}: cannot be read: {error.strerror}; check the path."
        ) from None
    except ValueError:
        raise ConfigError(f"--credentials {file}: is not TOML; see docs/dicomweb.md for its form.") from None
    return {_server(file, name): _access(file, name, table) for name, table in tables.items()}


def _server(file: Path, name: str) -> str:
    if not is_address(name):
        raise ConfigError(f'--credentials {file}: write each server as a table, ["https://HOST"].')
    return origin_of(name)


def _access(file: Path, name: str, table: Any) -> Access:
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise ConfigError(f"--credentials {file}: a value of {origin_of(name)} is not a text in quotes.")
    unknown = sorted(table.keys() - set(NAMES))
    if unknown:
        raise ConfigError(f"--credentials {file}: {unknown[0]!r} is none of {', '.join(NAMES)}.")
    places = {key: str(file.parent / table[key]) for key in FILES if table.get(key)}
    return Access(**{**table, **places})
