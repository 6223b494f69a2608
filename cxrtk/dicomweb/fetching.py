"""Radiographs of a server as files, for a pass over a folder."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cxrtk.data.atomic import full_disk_named, require_space
from cxrtk.data.pixels.content import MAX_BYTES
from cxrtk.data.pixels.dicom.files import MODALITIES
from cxrtk.dicomweb.addresses import Address, address_of, is_address
from cxrtk.dicomweb.client import Client
from cxrtk.dicomweb.objects import Instance
from cxrtk.dicomweb.scratch import scratch
from cxrtk.dicomweb.servers import Servers
from cxrtk.errors import ConfigError, DataError, RemoteError
from cxrtk.wording import counted

MOST_INSTANCES = 1000  # per address; a study of radiographs has a handful
MOST_BYTES = 8 << 30  # per address
ROOM = 256 << 20  # bytes that stay free on the disk

logger = logging.getLogger(__name__)


@contextmanager
def fetched(
    words: Sequence[str], servers: Servers, modalities: Collection[str] | None = MODALITIES
) -> Iterator[list[str]]:
    """Yield inputs with each address replaced by the path of its files, which are removed at the end.

    A study or series becomes a folder named by its UID, with ``<SOP Instance UID>.dcm`` for each radiograph;
    an instance becomes a file. The files have the same bytes as on the server.

    Args:
        words: Inputs as given by the user.
        servers: Servers of the addresses, with their credentials.
        modalities: Modalities to fetch, with an empty string for objects without one; ``None`` for all.

    Raises:
        ConfigError: An address is not valid, names no study, or its credentials cannot be used.
        DataError: The address has no radiograph.
        RemoteError: The server cannot be reached, or refuses.
        StorageError: The disk is full.
    """
    addresses = {word: address_of(word) for word in words if is_address(word)}
    for word, address in addresses.items():
        if not address.study:
            raise ConfigError(
                f"{word}: is the address of a whole server; give that of a study, as "
                f"{address}/studies/UID, or let "
                "cxrtk watch take what arrives there."
            )
    with scratch() as folder, full_disk_named(folder):
        paths = []
        for number, word in enumerate(words):
            if word in addresses:
                below = folder / str(number)  # the same UID may come from two servers
                below.mkdir()
                with servers.client(addresses[word]) as client:
                    paths.append(str(fetch(client, addresses[word], below, modalities)))
            else:
                paths.append(word)
        yield paths


def fetch(
    client: Client,
    address: Address,
    folder: Path,
    modalities: Collection[str] | None = MODALITIES,
    report: Callable[[Path], None] = lambda path: None,
) -> Path:
    """Fetch the radiographs of an address.

    Args:
        client: Client of the server.
        address: A study, a series or an instance.
        folder: Empty folder to write to.
        modalities: Modalities to fetch; see `fetched`. An instance is fetched whatever its modality.
        report: Called with each file.

    Returns:
        The file of an instance; otherwise the folder of the files, which is named after the last UID.

    Raises:
        DataError: There is no radiograph, or there are too many bytes or objects.
        RemoteError: The server cannot be reached, or refuses.
    """
    found = client.instances(address)
    wanted = modalities if not address.instance else None
    chosen = [each for each in found if wanted is None or each.modality in wanted]
    _tell(address, found, chosen)
    below = folder if address.instance else folder / address.last
    below.mkdir(exist_ok=True)
    left = MOST_BYTES
    for instance in chosen:
        require_space(folder, ROOM)
        path = below / f"{instance.uid}.dcm"
        left -= client.retrieve(instance, path, min(left, MAX_BYTES))
        report(path)
    return below / f"{chosen[0].uid}.dcm" if address.instance else below


def _tell(address: Address, found: Sequence[Instance], chosen: Sequence[Instance]) -> None:
    """Log the objects that are not fetched.

    Raises:
        DataError: Nothing is to be fetched, or too much.
        RemoteError: The server gives several objects of one UID.
    """
    kinds = Counter(each.modality for each in set(found) - set(chosen))
    listed = ", ".join(f"{name or 'none stated'} {count}" for name, count in sorted(kinds.items()))
    if not chosen:
        raise DataError(
            f"{address}: no radiograph among its {counted(len(found), 'object')} ({listed}); --modality "
            "takes others."
        )
    if len(chosen) > MOST_INSTANCES:
        raise DataError(
            f"{address}: has {len(chosen):,} objects to read, more than {MOST_INSTANCES:,}; name its series "
            "one by one."
        )
    if len({each.uid for each in chosen}) != len(chosen):
        raise RemoteError(f"{address}: the server gives one UID to several objects.")
    if kinds:
        logger.warning("%s: left out by their modality: %s.", address, listed)
