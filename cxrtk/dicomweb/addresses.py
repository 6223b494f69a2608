"""Addresses of DICOMweb services, studies, series and instances (PS3.18 section 10.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cxrtk.errors import ConfigError

SCHEMES = ("http", "https")
PORTS = {"http": 80, "https": 443}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LEVELS = ("studies", "series", "instances")
FORM = "https://HOST/dicom-web/studies/UID, and /series/UID and /instances/UID after it"
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")


@dataclass(frozen=True)
class Address:
    """Address of a service, or of a study, series or instance of it.

    Attributes:
        service: Address of the service, without a slash at the end.
        study: Study Instance UID; empty for the whole service.
        series: Series Instance UID; empty for all series.
        instance: SOP Instance UID; empty for all instances.
    """

    service: str
    study: str = ""
    series: str = ""
    instance: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port: the server that credentials belong to."""
        return origin_of(self.service)

    @property
    def last(self) -> str:
        """UID of the instance, series or study, whichever is the most specific."""
        return self.instance or self.series or self.study

    def __str__(self) -> str:
        uids = (self.study, self.series, self.instance)
        below = "".join(f"/{level}/{uid}" for level, uid in zip(LEVELS, uids, strict=True) if uid)
        return f"{self.service}{below}"


def is_address(word: str) -> bool:
    """Return whether an input is an address of a server rather than a path."""
    return word.lower().startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def is_uid(text: str) -> bool:
    """Return whether a text is a UID: digits and single dots, at most 64 (leading zeros occur in archives).

    >>> is_uid("1.2.840.10008"), is_uid("1..2"), is_uid("../x")
    (True, False, False)
    """
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def address_of(text: str) -> Address:
    """Parse an address.

    >>> address_of("https://pacs/dicom-web/studies/1.2/series/1.3/")
    Address(service='https://pacs/dicom-web', study='1.2', series='1.3', instance='')
    >>> address_of("https://pacs/dicom-web/").service
    'https://pacs/dicom-web'

    Raises:
        ConfigError: The address has another form, a UID is invalid, or it holds a user name or password;
            these are not repeated in the message.
    """
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigError(f"The address of a server is not valid; write it as {FORM}.") from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ConfigError(
            f"The address of {host or 'the server'} holds a user name or a password, which every list of "
            "processes would show; leave them out of it, and see docs/dicomweb.md for where they go."
        )
    if parts.scheme.lower() not in SCHEMES or not host or parts.query or parts.fragment:
        shown = f"{parts.scheme}://{parts.netloc}{parts.path}"
        raise ConfigError(f"{shown}: is not an address of a DICOMweb server; write it as {FORM}.")
    words = parts.path.rstrip("/").split("/")
    service, uids = words, []
    if LEVELS[0] in words:
        at = len(words) - 1 - words[::-1].index(LEVELS[0])
        service, below = words[:at], words[at:]
        uids = below[1::2]
        if tuple(below[::2]) != LEVELS[: len(uids)] or not all(map(is_uid, uids)):
            raise ConfigError(f"{text}: names no study, series or instance by its UID; write it as {FORM}.")
    base = f"{parts.scheme.lower()}://{parts.netloc}{'/'.join(service)}"
    return Address(base, *uids)


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address in a canonical form.

    >>> origin_of("https://PACS.example/dicom-web"), origin_of("http://a:8042/x")
    ('https://pacs.example:443', 'http://a:8042')
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    host = (parts.hostname or "").lower()
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{parts.port or PORTS.get(scheme, 0)}"


def is_open(url: str) -> bool:
    """Return whether data sent to an address can be intercepted: no TLS, and not on this machine."""
    parts = urlsplit(url)
    return parts.scheme.lower() != "https" and (parts.hostname or "") not in LOOPBACK
