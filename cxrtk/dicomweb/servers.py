"""The servers that one command names, each with its credentials and its time-outs."""

from __future__ import annotations

from dataclasses import dataclass, field

from cxrtk.dicomweb.addresses import Address
from cxrtk.dicomweb.client import Client
from cxrtk.dicomweb.credentials import Keyring
from cxrtk.dicomweb.session import Patience


@dataclass(frozen=True)
class Servers:
    """Factory of the clients of a command.

    Attributes:
        keyring: Credentials of each server.
        patience: Time-outs and repetitions.
    """

    keyring: Keyring = field(default_factory=Keyring)
    patience: Patience = field(default_factory=Patience)

    def client(self, address: Address) -> Client:
        """Make a client of the server of an address.

        Raises:
            ConfigError: Its credentials cannot be used.
        """
        return Client(address, self.keyring.access(address), self.patience)
