"""Source: DICOM files in a folder that other programs write to."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from cxrtk.data.atomic import replacing
from cxrtk.data.pixels.content import open_regular
from cxrtk.data.pixels.dicom.files import MODALITIES
from cxrtk.data.pixels.dicom.parsing import hushed, parse
from cxrtk.data.pixels.listing import walk_files
from cxrtk.dicomweb.addresses import is_uid
from cxrtk.errors import CxrReadError, DataError
from cxrtk.watch.source import Found, Source

OWN_MODEL = "cxrtk"  # (0008,1090) of the objects that our writers make
KEYWORDS = ["StudyInstanceUID", "SOPInstanceUID", "Modality", "ManufacturerModelName"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Header:
    """Attributes that are read from a file.

    Attributes:
        study: Study Instance UID.
        uid: SOP Instance UID.
        modality: Modality; empty if the file has none.
        own: True if cxrtk created the object.
    """

    study: str
    uid: str
    modality: str
    own: bool


class FolderSource(Source):
    """Source of the DICOM files below a folder; other files are skipped.

    Args:
        root: Path of the folder.
        modalities: Modalities to accept, with an empty string for files without one; ``None`` for all.
        consume: Remove files once all work on them is done.
    """

    def __init__(
        self, root: Path, modalities: Collection[str] | None = MODALITIES, *, consume: bool = False
    ) -> None:
        self.root = root
        self.name = str(root.absolute())
        self.modalities = modalities
        self.consume = consume
        self._read: dict[tuple[Path, str], Header | None] = {}  # path and state -> header; None for no DICOM
        self._places: dict[str, Path] = {}  # instance -> file

    def look(self, also: Collection[str] = ()) -> Found:
        """List the files; files unchanged since the last call are not read again."""
        if not self.root.is_dir():
            raise DataError(f"{self.root}: no such folder; check the path.")
        before, self._read, self._places = self._read, {}, {}
        found: dict[str, dict[str, str]] = {}
        for path in walk_files(self.root):
            if path.name.startswith("."):
                continue  # still being written, as by `Node`
            try:
                status = path.stat()
            except OSError:
                continue  # gone since it was listed
            version = f"{status.st_size}-{status.st_mtime_ns}"
            key = (path, version)
            header = before[key] if key in before else _header(path)
            self._read[key] = header
            if header is not None and self._is_taken(header):
                self._places[header.uid] = path
                found.setdefault(header.study, {})[header.uid] = version
        return found

    def fetch(self, study: str, instances: Collection[str], folder: Path) -> None:
        """Copy the files, since other programs may change them."""
        for uid in instances:
            with (
                open_regular(self._places[uid]) as file,
                replacing(folder / f"{uid}.dcm") as part,
                part.open("wb") as copy,
            ):
                shutil.copyfileobj(file, copy)

    def release(self, instances: Collection[str]) -> None:
        """Remove the files, if they are to be consumed."""
        if self.consume:
            for uid in instances:
                if uid in self._places:
                    self._places[uid].unlink(missing_ok=True)

    def _is_taken(self, header: Header) -> bool:
        return not header.own and (self.modalities is None or header.modality in self.modalities)


def _header(path: Path) -> Header | None:
    """Read the header of a file; ``None`` if it is not DICOM, lacks UIDs, or is not complete yet."""
    try:
        with hushed(), open_regular(path) as stream:
            found = parse(stream, path, KEYWORDS).dataset
            study, uid, modality, model = (str(found.get(name) or "").strip(" \0") for name in KEYWORDS)
    except CxrReadError as error:
        logger.info("%s", error)
        return None
    if not is_uid(study) or not is_uid(uid):
        logger.warning("%s: has no UIDs of a study and an instance, and is ignored.", path.name)
        return None
    return Header(study, uid, modality, model == OWN_MODEL)
