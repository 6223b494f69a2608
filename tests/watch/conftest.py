"""Small DICOM files, a source of them, and a target that notes what it is given."""

from pathlib import Path

import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian

from cxrtk.dicomweb.storing import Derived
from cxrtk.errors import RemoteError
from cxrtk.watch.segmenting import Segmented
from cxrtk.watch.source import Source
from cxrtk.watch.state import State
from cxrtk.watch.targets import Target
from cxrtk.watch.work import Work

DX = "1.2.840.10008.5.1.4.1.1.1.1"
SEG = "1.2.840.10008.5.1.4.1.1.66.4"


def write_dicom(path, study="1", uid="1.1", modality="DX", model="X-ray", sop_class=DX):
    """A header without an image."""
    dataset = pydicom.Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, uid
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, f"{study}.9"
    dataset.Modality, dataset.ManufacturerModelName = modality, model
    dataset.PatientName, dataset.PatientID = "A^B", "7"
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(path, enforce_file_format=True)
    return path


def segment(folder: Path, results: Path) -> Segmented:
    """Two objects of each file, whose UIDs are made from its own; a file named in `BROKEN` fails."""
    found = Segmented()
    for path in sorted(folder.iterdir()):
        uid = path.stem
        if uid.startswith("6.6"):
            found.failures[uid] = "is damaged"
            continue
        found.done.append(uid)
        study = str(pydicom.dcmread(path).StudyInstanceUID)
        for number, modality in ((1, "SEG"), (2, "SR")):
            made = results / f"{uid}_{number}.dcm"
            found.files.append(write_dicom(made, study, f"{uid}.{number}", modality, "cxrtk", SEG))
    return found


class Shelf(Source):
    """A source of studies that a test puts on it."""

    def __init__(self, name="shelf"):
        self.name = name
        self.studies = {}
        self.released = []
        self.error = None

    def look(self, also=()):
        if self.error:
            raise self.error
        return {study: dict(instances) for study, instances in self.studies.items()}

    def fetch(self, study, instances, folder):
        for uid in instances:
            write_dicom(folder / f"{uid}.dcm", study, uid)

    def release(self, instances):
        self.released += instances


class Archive(Target):
    """A target that keeps files by their UIDs, and a line for each that it took; it may refuse."""

    def __init__(self, folder: Path):
        self.name = "archive"
        self.folder = folder
        self.error = None
        folder.mkdir(parents=True, exist_ok=True)

    def store(self, path):
        if self.error:
            raise self.error
        uid = Derived.of(path).instance.uid
        place = self.folder / f"{uid}.dcm"
        if not place.exists():
            place.write_bytes(path.read_bytes())
            with (self.folder / "taken.txt").open("a") as log:
                log.write(f"{uid}\n")

    def taken(self):
        log = self.folder / "taken.txt"
        return log.read_text().split() if log.exists() else []


class Bench:
    """All of a watch that a test needs."""

    def __init__(self, folder):
        self.folder = folder
        self.shelf = Shelf()
        self.archive = Archive(folder / "archive")
        self.place = folder / "state"
        self.place.mkdir()

    def work(self, state):
        """Work with these parts."""
        work = Work(self.place, state, self.shelf, self.archive, segment)
        work.tidy()
        return work

    def left(self):
        """Files in between."""
        return list(self.place.rglob("*.dcm"))


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


@pytest.fixture
def state(tmp_path):
    with State(tmp_path, "model 1") as opened:
        yield opened


@pytest.fixture
def down():
    """A server that cannot be reached."""
    return RemoteError("SERVER: cannot be reached.", again=True, whole=True)
