"""Fetching: what of an address is fetched, where it lies, and that it goes."""

import pytest

from cxrtk.dicomweb import fetching
from cxrtk.dicomweb.addresses import address_of
from cxrtk.dicomweb.client import Client
from cxrtk.dicomweb.credentials import Keyring
from cxrtk.dicomweb.fetching import fetch, fetched
from cxrtk.dicomweb.servers import Servers
from cxrtk.errors import ConfigError, DataError, RemoteError
from tests.dicomweb.fake import Answer, instance, pages, part, serving

FILE = b"\0" * 128 + b"DICM" + b"\x02\0\0\0" * 100
MIXED = (instance("1.1", "DX"), instance("1.2", ""), instance("1.3", "SEG"), instance("1.4", "CT"))


def archive(*instances):
    """A server that has some objects, each the same file."""
    search = pages(*instances)
    return lambda asked: part(FILE) if "transfer-syntax" in asked.headers["Accept"] else search(asked)


@pytest.fixture
def servers(quick):
    """Without credentials, and without patience."""
    return Servers(Keyring(environment={}), quick)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("modalities", "wanted"),
    [(("DX", ""), ["1.1.dcm", "1.2.dcm"]), (None, ["1.1.dcm", "1.2.dcm", "1.3.dcm", "1.4.dcm"])],
)
def test_radiographs_of_a_study(tmp_path, quick, caplog, modalities, wanted):
    """Those of the modalities, named by their UIDs in a folder of the study's; the others are told."""
    with serving(archive(*MIXED)) as server:
        address = address_of(f"{server.url}/studies/7.7")
        with Client(address, None, quick) as client:
            folder = fetch(client, address, tmp_path, modalities)
    assert folder == tmp_path / "7.7" and names(folder) == wanted
    assert ("CT 1, SEG 1" in caplog.text) is (modalities is not None)


def test_an_instance_is_fetched_whatever_its_modality(tmp_path, quick):
    """It was named, as a file may be."""
    with serving(archive(*MIXED)) as server:
        address = address_of(f"{server.url}/studies/7.7/series/1.2/instances/1.4")
        with Client(address, None, quick) as client:
            assert fetch(client, address, tmp_path) == tmp_path / "1.4.dcm"
    assert (tmp_path / "1.4.dcm").read_bytes() == FILE


def test_a_study_without_radiographs(tmp_path, quick):
    with serving(archive(instance("1.4", "CT"))) as server:
        address = address_of(f"{server.url}/studies/7.7")
        with (
            Client(address, None, quick) as client,
            pytest.raises(DataError, match=r"no radiograph.*\(CT 1\)"),
        ):
            fetch(client, address, tmp_path)


@pytest.mark.parametrize(
    ("limit", "value", "error"),
    [("MOST_INSTANCES", 1, "has 2 objects to read"), ("MOST_BYTES", 700, "more than")],
)
def test_limits(tmp_path, quick, monkeypatch, limit, value, error):
    """On the number of objects, and on the bytes of all together."""
    monkeypatch.setattr(fetching, limit, value)
    with serving(archive(*MIXED)) as server:
        address = address_of(f"{server.url}/studies/7.7")
        with Client(address, None, quick) as client, pytest.raises((DataError, RemoteError), match=error):
            fetch(client, address, tmp_path)


def test_one_uid_for_two_objects(tmp_path, quick):
    """Of two series: one would overwrite the other."""
    search = pages(instance("1.1"), instance("1.2"))
    with serving(search) as server:
        address = address_of(f"{server.url}/studies/7.7")
        with Client(address, None, quick) as client, pytest.MonkeyPatch.context() as patch:
            found = client.instances(address)
            patch.setattr(client, "instances", lambda _: [found[0], found[0]])
            with pytest.raises(RemoteError, match="one UID to several"):
                fetch(client, address, tmp_path)


def test_what_was_fetched_goes(servers, tmp_path):
    """At the end, and after an error; paths stay as they are."""
    with serving(archive(*MIXED)) as server:
        words = [f"{server.url}/studies/7.7", str(tmp_path), f"{server.url}/studies/7.8/series/1.2"]
        with fetched(words, servers) as paths:
            assert paths[1] == str(tmp_path)
            folders = [fetching.Path(path) for path in (paths[0], paths[2])]
            assert [folder.name for folder in folders] == ["7.7", "1.2"]
            assert all(names(folder) == ["1.1.dcm", "1.2.dcm"] for folder in folders)
        assert not any(folder.exists() for folder in folders)
        with pytest.raises(ZeroDivisionError), fetched(words, servers) as paths:
            raise ZeroDivisionError
        assert not fetching.Path(paths[0]).exists()


def test_a_server_that_refuses_one_object(servers):
    """All is given up, and nothing is left."""

    def respond(asked):
        return Answer(404) if asked.path.endswith("1.2") else archive(*MIXED)(asked)

    with (
        serving(respond) as server,
        pytest.raises(RemoteError, match="404"),
        fetched([f"{server.url}/studies/7.7"], servers),
    ):
        pytest.fail("it was fetched")


def test_a_whole_server(servers):
    with (
        pytest.raises(ConfigError, match="is the address of a whole server"),
        fetched(["https://h/dicom-web"], servers),
    ):
        pytest.fail("it was fetched")
