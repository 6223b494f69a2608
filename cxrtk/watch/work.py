"""The work on one study, in steps that can be repeated if the process is killed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from cxrtk.data.atomic import replacing
from cxrtk.data.digest import sha256
from cxrtk.dicomweb.storing import Derived
from cxrtk.watch.segmenting import Segmented
from cxrtk.watch.source import Source
from cxrtk.watch.state import State
from cxrtk.watch.targets import Target

WORK, OUTBOX = "work", "outbox"

Segment = Callable[[Path, Path], Segmented]


class Work:
    """Segmentation of studies, and storage of their objects.

    Args:
        folder: Folder of the state, also used for intermediate files.
        state: Record of the work done so far.
        source: Source of the studies.
        target: Destination of the objects.
        segment: Function that segments the files of one folder into another.
    """

    def __init__(self, folder: Path, state: State, source: Source, target: Target, segment: Segment) -> None:
        self.state = state
        self.source = source
        self.target = target
        self._segment = segment
        self._work = folder / WORK
        self._outbox = folder / OUTBOX

    def tidy(self) -> None:
        """Remove the remains of a killed process: files of unfinished work, and objects already stored."""
        shutil.rmtree(self._work, ignore_errors=True)
        self._outbox.mkdir(parents=True, exist_ok=True)
        for path in self._outbox.iterdir():
            if not self.state.is_wanted(path.stem):
                path.unlink()

    def segment(self, study: str, instances: Collection[str]) -> int:
        """Segment instances of a study, and put their objects into the outbox; return their number.

        Raises:
            CxrError: An instance cannot be fetched, or the pass as a whole fails.
        """
        files, results = self._work / study, self._work / "results"
        shutil.rmtree(self._work, ignore_errors=True)
        files.mkdir(parents=True)
        self.source.fetch(study, instances, files)
        found = self._segment(files, results)
        objects = dict(self._lay_out(path) for path in found.files)
        failures = [f"{uid}: {reason}" for uid, reason in sorted(found.failures.items())]
        self.state.segmented(study, found.done, objects, "; ".join(failures))
        shutil.rmtree(self._work, ignore_errors=True)
        return len(objects)

    def store(self, study: str) -> int:
        """Store the objects of a study that are not stored yet; return their number.

        Raises:
            CxrError: The target cannot be reached, or refuses.
            LostObjects: An object has vanished from the outbox, or was changed.
        """
        wanted = self.state.unstored(study)
        for uid, digest in wanted.items():
            path = self._path(uid)
            if not path.is_file() or sha256(path) != digest:
                raise LostObjects(uid)
            self.target.store(path)
            self.state.stored(uid)
            path.unlink()
        return len(wanted)

    def _lay_out(self, path: Path) -> tuple[str, str]:
        """Copy an object into the outbox, safe against a power cut; return its UID and SHA-256."""
        uid = Derived.of(path).instance.uid
        with replacing(self._path(uid), durable=True) as part:
            part.write_bytes(path.read_bytes())
        return uid, sha256(path)

    def _path(self, uid: str) -> Path:
        return self._outbox / f"{uid}.dcm"


class LostObjects(Exception):
    """An object in the outbox is missing or was changed."""


def wanted_of(state: State, instances: Mapping[str, str]) -> dict[str, str]:
    """Return the instances of a study that are neither done nor our own results."""
    return {
        uid: version
        for uid, version in instances.items()
        if not state.is_done(uid) and not state.is_result(uid)
    }
