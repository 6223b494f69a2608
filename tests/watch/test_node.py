"""The DICOM node: an object is acknowledged once it lies on the disk, and peers may be named."""

import pytest
from pydicom import dcmread
from pynetdicom import AE

from cxrtk.errors import ConfigError
from cxrtk.watch import node as module
from cxrtk.watch.node import OUT_OF_RESOURCES, Peer, Receiver, peer_of, title_of
from tests.orthanc import free_port
from tests.watch.conftest import write_dicom

ECHO = "1.2.840.10008.1.1"


def send(port, path, aet="XRAY", called="CXRTK"):
    """Status of a C-STORE; ``None`` where there is no association."""
    dataset = dcmread(path)
    entity = AE(aet)
    entity.add_requested_context(dataset.SOPClassUID, dataset.file_meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", port, ae_title=called)
    if not association.is_established:
        return None
    try:
        return association.send_c_store(dataset).Status
    finally:
        association.release()


@pytest.fixture
def file(tmp_path):
    return write_dicom(tmp_path / "a.dcm", "1", "1.1")


def test_an_object_that_is_sent(tmp_path, cxrtk_data):
    """It is what was sent, in its transfer syntax, compressed or not; a second time changes nothing."""
    with Receiver(tmp_path / "in", free_port()) as receiver:
        for name in ("RG1_UNCI.dcm", "RG1_J2KI.dcm"):
            path = cxrtk_data / "dicom" / name
            assert send(receiver.port, path) == send(receiver.port, path) == 0
            sent = dcmread(path)
            kept = dcmread(tmp_path / "in" / sent.StudyInstanceUID / f"{sent.SOPInstanceUID}.dcm")
            assert kept.PixelData == sent.PixelData
            assert kept.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID
    assert not list((tmp_path / "in").rglob(".*"))


def test_an_echo(tmp_path):
    """The way in which others look whether we are there."""
    with Receiver(tmp_path / "in", free_port()) as receiver:
        entity = AE("XRAY")
        entity.add_requested_context(ECHO)
        association = entity.associate("127.0.0.1", receiver.port, ae_title="CXRTK")
        assert association.send_c_echo().Status == 0
        association.release()


def test_peers(tmp_path, file):
    """By title, and by address if one is named; without any, everybody may send."""
    with Receiver(tmp_path / "in", free_port(), peers=[Peer("XRAY"), Peer("CT", "10.9.9.9")]) as receiver:
        assert send(receiver.port, file, "STRANGER") is None
        assert send(receiver.port, file, "CT") == 0x0124
        assert not list((tmp_path / "in").rglob("*.dcm"))
        assert send(receiver.port, file, "XRAY") == 0


def test_another_title(tmp_path, file):
    """Who calls another node has the wrong one."""
    with Receiver(tmp_path / "in", free_port(), aet="OURS") as receiver:
        assert (
            send(receiver.port, file, called="CXRTK") is None
            and send(receiver.port, file, called="OURS") == 0
        )


def test_a_full_disk(tmp_path, file, monkeypatch):
    """The sender is told to keep it; nothing is left of it."""
    monkeypatch.setattr(module, "ROOM", 1 << 60)
    with Receiver(tmp_path / "in", free_port()) as receiver:
        assert send(receiver.port, file) == OUT_OF_RESOURCES
    assert not list((tmp_path / "in").rglob("*"))


def test_an_object_without_a_study(tmp_path, file):
    """It cannot be kept under a name."""
    dataset = dcmread(file)
    del dataset.StudyInstanceUID
    dataset.save_as(file)
    with Receiver(tmp_path / "in", free_port()) as receiver:
        assert send(receiver.port, file) == 0xC000


def test_a_port_that_is_taken(tmp_path):
    with (
        Receiver(tmp_path / "in", free_port()) as receiver,
        pytest.raises(ConfigError, match=f"--listen {receiver.port}: cannot listen"),
    ):
        Receiver(tmp_path / "in", receiver.port).__enter__()


@pytest.mark.parametrize("text", ["", "@10.0.0.1", "X@host", "X@", "A" * 17, "a\\b", "ä"])
def test_peers_that_are_none(text):
    with pytest.raises(ConfigError, match="--peer"):
        peer_of(text)


def test_titles():
    assert title_of("--aet", " A B ") == "A B"
