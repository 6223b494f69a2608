"""A watch from beginning to end: source and target by their names, lock, and repeated turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cxrtk.data.pixels.dicom.files import MODALITIES
from cxrtk.dicomweb.addresses import address_of, is_address
from cxrtk.dicomweb.servers import Servers
from cxrtk.errors import ConfigError
from cxrtk.process.lock import FILE as LOCK
from cxrtk.process.lock import acquire, release
from cxrtk.process.signals import guarded_signals
from cxrtk.watch.folder import FolderSource
from cxrtk.watch.loop import Pace, Watch
from cxrtk.watch.segmenting import Segmenting
from cxrtk.watch.server import ServerSource
from cxrtk.watch.source import Source
from cxrtk.watch.state import FILE, GIVEN_UP, State
from cxrtk.watch.targets import FolderTarget, NodeTarget, ServerTarget, Target, node_of
from cxrtk.watch.work import Work

INCOMING = "incoming"
NODE = "dicom://"
HINT = "the same command"


@dataclass(frozen=True)
class Listening:
    """Settings of a DICOM node.

    Attributes:
        port: Port to listen on.
        bind: Address to listen on.
        aet: Own title.
        peers: Nodes that may send, as ``AET`` or ``AET@IP``; empty for any.
    """

    port: int
    bind: str = "127.0.0.1"
    aet: str = "CXRTK"
    peers: Sequence[str] = ()

    def checked(self) -> Listening:
        """Check the settings and return them unchanged.

        Raises:
            ConfigError: A title, a peer or the address to listen on is not valid.
        """
        from cxrtk.watch.node import peer_of, title_of

        title_of("--aet", self.aet)
        for text in self.peers:
            peer_of(text)
        try:
            ip_address(self.bind)
        except ValueError:
            raise ConfigError(
                f"--bind {self.bind}: is not an IP address; 127.0.0.1 is this machine."
            ) from None
        return self


def source_of(text: str, servers: Servers, days: int, modalities: Sequence[str] | None) -> Source:
    """Create a source from its name: a folder, or the address of a server.

    Raises:
        ConfigError: There is no such folder, or the address names a study.
    """
    wanted = MODALITIES if modalities is not None and not modalities else modalities
    if not is_address(text):
        if not text or not Path(text).is_dir():
            what = "no such folder; name a folder, or a server as https://HOST/dicom-web"
            raise ConfigError(f"--input {text}: {what}.")
        return FolderSource(Path(text), wanted)
    address = address_of(text)
    if address.study:
        raise ConfigError(f"--input {text}: names a study; name the server, as {address.service}.")
    servers.keyring.access(address)
    return ServerSource(address, servers.client, days, wanted)


def target_of(text: str, servers: Servers, aet: str) -> Target:
    """Create a target from its name: the address of a server, ``dicom://AET@HOST:PORT``, or a folder.

    Raises:
        ConfigError: The name has another form, or is that of an existing file.
    """
    if text.startswith(NODE):
        from cxrtk.watch.node import title_of

        return NodeTarget(node_of(text), title_of("--aet", aet))
    if is_address(text):
        address = address_of(text)
        if address.study:
            raise ConfigError(f"--store {text}: names a study; name the server, as {address.service}.")
        servers.keyring.access(address)
        return ServerTarget(address, servers.client)
    path = Path(text)
    if not text or "://" in text or any(each.is_file() for each in (path, *path.parents)):
        raise ConfigError(f"--store {text}: name a folder, https://HOST/dicom-web, or dicom://AET@HOST:PORT.")
    return FolderTarget(path)


@dataclass(frozen=True)
class Watching:
    """A watch.

    Attributes:
        folder: Folder of its state.
        source: Name of the source of studies; ``None`` to use those sent to our DICOM node.
        target: Name of the target of objects.
        segmenting: Segmentation of a study.
        pace: Timing of the work, and the number of attempts.
        listening: Settings of our DICOM node; ``None`` for no node.
        tell: Function called with each line for the user.
    """

    folder: Path
    source: Source | None
    target: Target
    segmenting: Segmenting
    pace: Pace
    listening: Listening | None = None
    tell: Callable[[str], None] = lambda text: None

    def run(self, every: float, *, once: bool = False) -> bool:
        """Watch until a signal, or with `once` until nothing is left; return whether a study was given up.

        Args:
            every: Seconds between two queries of the source.
            once: Stop when nothing is left to do.

        Raises:
            ConfigError: Another process watches with this state, the state belongs to another source or
                target, or a folder lies within another.
            DataError: The state cannot be read.
        """
        incoming = self.folder / INCOMING
        # All modalities are accepted, so that other objects are removed too; the reader rejects them.
        source = self.source or FolderSource(incoming, None, consume=True)
        self._check(source)
        there = {path.name for path in self.folder.iterdir()} if self.folder.is_dir() else set()
        if there - {LOCK} and FILE not in there:  # a watch deletes remains here: no other files
            raise ConfigError(f"--state {self.folder}: holds other files; name an empty folder.")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as stack:
            acquire(self.folder, "watch", "name another state folder")
            stack.callback(release, self.folder)
            stack.enter_context(guarded_signals(HINT))
            state = stack.enter_context(State(self.folder, self.segmenting.made_by))
            state.belongs_to(source.name, self.target.name)
            if self.listening is not None:
                self._listen(stack, self.listening, incoming)
            work = Work(self.folder, state, source, self.target, self.segmenting)
            work.tidy()
            watch = Watch(work, self.pace, time.time, self.tell)
            self.tell(f"Watching {source.name}; results go to {self.target.name}.")
            while watch.turn() or not once:
                time.sleep(every)
            return any(study.status == GIVEN_UP for study in state.every())

    def _listen(self, stack: ExitStack, listening: Listening, incoming: Path) -> None:
        from cxrtk.watch.node import Receiver, peer_of, title_of

        peers = [peer_of(text) for text in listening.peers]
        title = title_of("--aet", listening.aet)
        node = stack.enter_context(Receiver(incoming, listening.port, listening.bind, title, peers))
        self.tell(f"Listening as {title} on {listening.bind}, port {node.port}.")
        if not peers and not ip_address(listening.bind).is_loopback:
            self.tell("Any node of that network may send; restrict this with --peer.")

    def _check(self, source: Source) -> None:
        """Refuse a state or a target inside the watched folder, since its files would become inputs."""
        if not isinstance(self.source, FolderSource):
            return
        others = {"--state": self.folder}
        if isinstance(self.target, FolderTarget):
            others["--store"] = Path(self.target.name)
        for option, path in others.items():
            if path.resolve().is_relative_to(Path(source.name).resolve()):
                raise ConfigError(f"{option} {path}: is inside the watched folder; choose another.")


def existing(folder: Path) -> State:
    """Open the state of a watch, which may be running.

    Raises:
        ConfigError: There is no state.
        DataError: The state cannot be read.
    """
    if not (folder / FILE).is_file():
        raise ConfigError(f"--state {folder}: holds no state of a watch; check the path.")
    return State(folder)
