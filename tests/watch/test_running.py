"""A whole watch: its words, its lock, and that it ends."""

import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from cxrtk.dicomweb.credentials import Keyring
from cxrtk.dicomweb.servers import Servers
from cxrtk.errors import ConfigError
from cxrtk.process.lock import acquire, release
from cxrtk.watch.folder import FolderSource
from cxrtk.watch.loop import Pace
from cxrtk.watch.running import Listening, Watching, existing, source_of, target_of
from cxrtk.watch.server import ServerSource
from cxrtk.watch.state import State
from cxrtk.watch.targets import FolderTarget, NodeTarget, ServerTarget
from tests.orthanc import free_port
from tests.watch.conftest import segment, write_dicom
from tests.watch.test_node import send

SERVERS = Servers(Keyring(environment={}))


def segmenting():
    """The fake segmentation, with a name."""

    def call(folder, results):
        return segment(folder, results)

    call.made_by = "model 1"
    return call


@pytest.fixture
def watching(tmp_path, process_as_it_was):
    """A function: a watch from one folder to another, or with a port."""
    said = []

    def made(listening=None, **more):
        source = None if listening else FolderSource(tmp_path / "in")
        parts = {"segmenting": segmenting(), "pace": Pace(quiet=0.0, first=0.0, strikes=2), **more}
        target = FolderTarget(tmp_path / "out")
        return Watching(tmp_path / "state", source, target, listening=listening, tell=said.append, **parts)

    (tmp_path / "in").mkdir()
    made.said = said
    return made


def outputs(folder):
    return sorted(path.name for path in folder.rglob("*.dcm"))


def test_a_folder_once(watching, tmp_path):
    """All of it, and nothing again; what was given up is said by the result."""
    write_dicom(tmp_path / "in" / "a.dcm", "1", "1.1")
    assert not watching().run(0.01, once=True)
    assert outputs(tmp_path / "out") == ["SEG_1.1.1.dcm", "SR_1.1.2.dcm"]
    assert not watching().run(0.01, once=True)
    assert sum("stored" in line for line in watching.said) == 1
    write_dicom(tmp_path / "in" / "b.dcm", "6", "6.6.6")
    assert watching().run(0.01, once=True)
    with existing(tmp_path / "state") as state:
        assert [(study.uid, study.status) for study in state.every()] == [("1", "done"), ("6", "given_up")]


def test_two_watches_of_one_state(watching, tmp_path):
    """The second is refused while the first lives, and says which process that is."""
    (tmp_path / "state").mkdir()
    code = (
        "import sys\nfrom pathlib import Path\nfrom cxrtk.process.lock import acquire\n"
        "acquire(Path(sys.argv[1]), 'watch')\nprint('locked', flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "state")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(ConfigError, match=f"another watch runs in this folder .process {other.pid}"):
            watching().run(0.01, once=True)
        other.kill()
        other.wait()
    watching().run(0.01, once=True)


def test_the_lock_is_given_back(watching, tmp_path):
    watching().run(0.01, once=True)
    acquire(tmp_path / "state")
    release(tmp_path / "state")


def test_objects_that_are_sent(watching, tmp_path):
    """To the node: segmented, stored, and removed from where they were received."""
    write_dicom(tmp_path / "a.dcm", "1", "1.1")
    port = free_port()
    ends = threading.Event()
    watch = watching(Listening(port))
    statuses = []

    def sender():
        statuses.append(send(port, tmp_path / "a.dcm"))
        ends.set()

    turns = []

    def stop(seconds):
        """In the place of a pause: sends after the first turn, ends after all is done."""
        turns.append(seconds)
        if len(turns) == 1:
            threading.Thread(target=sender).start()
            assert ends.wait(60)
        if len(turns) == 4:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cxrtk.watch.running.time", SimpleNamespace(time=time.time, sleep=stop))
        with pytest.raises(KeyboardInterrupt):
            watch.run(0.01)
    assert statuses == [0] and outputs(tmp_path / "out") == ["SEG_1.1.1.dcm", "SR_1.1.2.dcm"]
    assert outputs(tmp_path / "state") == []
    assert f"Listening as CXRTK on 127.0.0.1, port {port}." in watching.said


def test_sources_and_targets_by_their_names(tmp_path):
    """A path, an address, a node."""
    assert isinstance(source_of(str(tmp_path), SERVERS, 1, []), FolderSource)
    assert isinstance(source_of("https://h/dicom-web", SERVERS, 1, []), ServerSource)
    assert isinstance(target_of("https://h/dicom-web", SERVERS, "A"), ServerTarget)
    assert isinstance(target_of("dicom://A@h:1", SERVERS, "A"), NodeTarget)
    assert isinstance(target_of(str(tmp_path / "new"), SERVERS, "A"), FolderTarget)
    assert source_of(str(tmp_path), SERVERS, 1, None).modalities is None
    assert source_of(str(tmp_path), SERVERS, 1, []).modalities == ("CR", "DX", "RG", "")


@pytest.mark.parametrize("text", ["", "nowhere", "https://h/studies/1", "ftp://h"])
def test_sources_that_are_none(text):
    with pytest.raises(ConfigError, match="--input"):
        source_of(text, SERVERS, 1, [])


@pytest.mark.parametrize("text", ["", "https://h/studies/1", "dicom://h", "ftp://h"])
def test_targets_that_are_none(text):
    with pytest.raises(ConfigError, match="--store"):
        target_of(text, SERVERS, "A")


def test_folders_within_the_one_that_is_watched(tmp_path):
    """They would be read as if they had arrived."""
    for state, store in (("in/state", "out"), ("state", "in/out"), ("in", "out")):
        (tmp_path / "in").mkdir(exist_ok=True)
        source, target = FolderSource(tmp_path / "in"), FolderTarget(tmp_path / store)
        with pytest.raises(ConfigError, match="is inside the watched folder"):
            Watching(tmp_path / state, source, target, segmenting(), Pace()).run(1.0)


@pytest.mark.parametrize(
    ("listening", "option"),
    [
        (Listening(1, bind="host"), "--bind"),
        (Listening(1, aet=""), "--aet"),
        (Listening(1, peers=["A@b"]), "--peer"),
    ],
)
def test_words_of_a_node(listening, option):
    with pytest.raises(ConfigError, match=option):
        listening.checked()


def test_no_state(tmp_path):
    """A list makes none."""
    with pytest.raises(ConfigError, match="holds no state"):
        existing(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with State(tmp_path), existing(tmp_path) as state:
        assert list(state.every()) == []
