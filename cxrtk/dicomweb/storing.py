"""Storage of the DICOM objects that a pass has written (SEG and SR) on a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cxrtk.data.pixels.content import open_regular
from cxrtk.data.pixels.dicom.parsing import hushed, parse
from cxrtk.dicomweb.client import Client
from cxrtk.dicomweb.objects import Instance
from cxrtk.passes.manifest import Entry

SUFFIX = ".dcm"
FORMATS = ("dicom_seg", "dicom_sr")  # writer plugins


@dataclass(frozen=True)
class Derived:
    """A DICOM file that a writer has made.

    Attributes:
        path: The file.
        sop_class: Its SOP Class UID.
        instance: Its UIDs.
    """

    path: Path
    sop_class: str
    instance: Instance

    @staticmethod
    def of(path: Path) -> Derived:
        """Read the UIDs of a file.

        Raises:
            CxrReadError: The file is damaged.
        """
        keywords = ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality"]
        with hushed(), open_regular(path) as stream:
            found = parse(stream, path, keywords).dataset
            sop_class, uid, study, series, modality = (str(found[keyword].value) for keyword in keywords)
        return Derived(path, sop_class, Instance(study, series, uid, modality))


def derived_files(entries: Iterable[Entry], output_dir: Path) -> Iterator[Path]:
    """Yield the DICOM files of the radiographs that were segmented, in order."""
    for entry in entries:
        if entry.status == "ok":
            yield from (output_dir / name for name in entry.outputs if name.endswith(SUFFIX))


def store_all(client: Client, files: Iterable[Path]) -> tuple[int, int]:
    """Store those files that the server does not have yet.

    The UIDs are derived from the content, so an object with the same UID is the same object.

    Returns:
        Number of files stored, and number of files that were already there.

    Raises:
        RemoteError: The server cannot be reached, or refuses.
    """
    stored = there = 0
    for path in files:
        derived = Derived.of(path)
        if client.has(derived.instance):
            there += 1
        else:
            client.store(path, derived.instance.uid)
            stored += 1
    return stored, there
