"""The source that is a server: which studies, which objects, and how often it is asked."""

import datetime
import json

import pytest

from cxrtk.dicomweb.addresses import address_of
from cxrtk.dicomweb.client import Client
from cxrtk.watch.server import ServerSource
from tests.dicomweb.conftest import QUICK
from tests.dicomweb.fake import JSON, Answer, instance, part, serving

FILE = b"\0" * 128 + b"DICM" + b"\x02\0\0\0" * 100
TODAY = datetime.date(2026, 3, 1)


class Archive:
    """Answers searches for studies, of which it has some, and for their objects."""

    def __init__(self):
        self.studies = {"1": {"1.1": "DX", "1.2": "SEG"}, "2": {"2.1": "CT"}, "3": {"3.1": ""}}
        self.old = {"9": {"9.1": "DX"}}
        self.counts = True
        self.asked = []

    def __call__(self, asked):
        path = asked.path.partition("?")[0].removeprefix("/dicom-web/studies").strip("/")
        self.asked.append(path)
        if "transfer-syntax" in asked.headers["Accept"]:
            return part(FILE)
        rows = []
        if "offset=0" in asked.path and not path:
            rows = [self.row(uid, found) for uid, found in self.studies.items()]
        elif "offset=0" in asked.path:
            found = {**self.studies, **self.old}.get(path.split("/")[0], {})
            rows = [
                {tag: {"Value": [value] if value else []} for tag, value in instance(uid, kind).items()}
                for uid, kind in found.items()
            ]
        return Answer(200, json.dumps(rows).encode(), {"Content-Type": JSON})

    def row(self, uid, found):
        modalities = sorted(set(filter(None, found.values())))
        count = {"00201208": {"Value": [len(found)]}} if self.counts else {}
        return {"0020000D": {"Value": [uid]}, "00080061": {"Value": modalities}, **count}


@pytest.fixture
def archive():
    return Archive()


@pytest.fixture
def source(archive):
    """A source whose server is the archive."""
    with serving(archive) as server:
        address = address_of(server.url)
        yield ServerSource(address, lambda where: Client(where, None, QUICK), 1, today=lambda: TODAY)


def test_radiographs_of_the_last_days(archive, source):
    """By the modality of the study, and of each object; without one it may be a radiograph."""
    assert source.look() == {"1": {"1.1": ""}, "3": {"3.1": ""}}
    assert not any(path.startswith("2") for path in archive.asked)


def test_from_which_day(source, monkeypatch):
    """Yesterday, for one day."""
    asked = []
    monkeypatch.setattr(Client, "studies", lambda self, **matching: asked.append(matching) or [])
    source.look()
    assert asked == [{"StudyDate": "20260228-"}]


def test_a_study_as_it_was_is_not_asked_for_again(archive, source):
    """By its number of objects; where the server does not count, each time."""
    source.look()
    archive.asked.clear()
    source.look()
    assert set(archive.asked) == {""}
    archive.studies["1"]["1.3"] = "DX"
    assert sorted(source.look()["1"]) == ["1.1", "1.3"]
    archive.counts = False
    source.look()
    archive.asked.clear()
    source.look()
    assert {"1/instances", "3/instances"} <= set(archive.asked)


def test_a_study_with_work_left_is_listed_whatever_its_date(source):
    """It waited for a server that was down, say; one that was removed is not there."""
    assert source.look(["9", "8"])["9"] == {"9.1": ""} and not source.look(["8"])["8"]


def test_retrieval(source, tmp_path):
    """Of those that were asked for."""
    source.look()
    source.fetch("1", ["1.1"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["1.1.dcm"]
