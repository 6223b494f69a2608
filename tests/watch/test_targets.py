"""Targets: each object is there once, as it was."""

import gc

import pytest
from pydicom import dcmread

from cxrtk.dicomweb.addresses import address_of
from cxrtk.dicomweb.client import Client
from cxrtk.errors import ConfigError, RemoteError
from cxrtk.watch.node import Receiver
from cxrtk.watch.targets import FolderTarget, NodeTarget, ServerTarget, node_of
from tests.dicomweb.conftest import QUICK
from tests.dicomweb.fake import Answer, found, instance, serving
from tests.orthanc import AET, free_port
from tests.watch.conftest import SEG, write_dicom


@pytest.fixture
def file(tmp_path):
    return write_dicom(tmp_path / "a.dcm", "1", "1.5", "SEG", "cxrtk", SEG)


def test_a_folder(file, tmp_path):
    """One for each study; a second time changes nothing."""
    target = FolderTarget(tmp_path / "out")
    target.store(file)
    target.store(file)
    (path,) = (path for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert path == tmp_path / "out" / "1" / "SEG_1.5.dcm" and path.read_bytes() == file.read_bytes()


def test_a_server(file):
    """Which is asked first."""
    held = []

    def respond(asked):
        if asked.method == "POST":
            held.append(asked.body)
            return Answer(200)
        return found(*[instance("1.5")][: len(held)])

    with serving(respond) as server:
        target = ServerTarget(address_of(server.url), lambda where: Client(where, None, QUICK))
        target.store(file)
        target.store(file)
    assert len(held) == 1 and file.read_bytes() in held[0]


def test_a_real_node(file, orthanc):
    """Orthanc has it after one C-STORE, and once after two."""
    target = NodeTarget(node_of(f"dicom://{AET}@127.0.0.1:{orthanc.dicom}"))
    target.store(file)
    target.store(file)
    assert orthanc.objects() == {"1.5": "SEG"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_node_that_is_not_there(file):
    """It may be there later; pynetdicom leaves the socket of the attempt to the garbage collector."""
    with pytest.raises(RemoteError, match="cannot be reached") as error:
        NodeTarget(node_of(f"dicom://PACS@127.0.0.1:{free_port()}")).store(file)
    assert error.value.again
    gc.collect()


def test_a_node_that_takes_other_objects(file, tmp_path):
    """Our own one takes radiographs only, and calls by its title only."""
    with Receiver(tmp_path / "in", free_port(), aet="OURS") as receiver:
        with pytest.raises(RemoteError, match="does not take objects of Segmentation Storage"):
            NodeTarget(node_of(f"dicom://OURS@127.0.0.1:{receiver.port}")).store(file)
        with pytest.raises(RemoteError, match="refuses our association") as error:
            NodeTarget(node_of(f"dicom://OTHER@127.0.0.1:{receiver.port}")).store(file)
        assert error.value.again
        radiograph = write_dicom(tmp_path / "b.dcm", "1", "1.1")
        NodeTarget(node_of(f"dicom://OURS@127.0.0.1:{receiver.port}")).store(radiograph)
    assert dcmread(tmp_path / "in" / "1" / "1.1.dcm") == dcmread(radiograph)


@pytest.mark.parametrize(
    "text",
    [
        "dicom://",
        "dicom://PACS",
        "dicom://PACS@h",
        "dicom://@h:1",
        "dicom://PACS@h:0",
        "dicom://PACS@h:99999",
    ],
)
def test_addresses_of_nodes(text):
    with pytest.raises(ConfigError, match="write it as dicom://AET@HOST:PORT"):
        node_of(text)
    assert node_of("dicom://PACS@[::1]:104").host == "::1"
