"""The client: pages of a search, retrieval that is whole or not there, storage that is confirmed."""

import json

import pytest

from cxrtk.dicomweb.addresses import address_of
from cxrtk.dicomweb.client import AS_STORED, Client
from cxrtk.dicomweb.objects import FoundStudy, Instance
from cxrtk.errors import RemoteError
from tests.dicomweb.fake import JSON, PARTS, Answer, found, instance, pages, part, serving

FILE = b"\0" * 128 + b"DICM" + b"\x02\0\0\0" * 100
ONE = Instance("1", "1.2", "1.2.3", "DX")


@pytest.fixture
def ask(quick):
    """A function: what a server answers, and a request of a client -> its result, and what was asked."""

    def asked(respond, request):
        with serving(respond) as server, Client(address_of(server.url), None, quick) as client:
            return request(client, server), server.asked

    return asked


def study(client, server):
    """What the client finds of a study."""
    return client.instances(address_of(f"{server.url}/studies/1"))


def test_all_pages_of_a_search(ask):
    """Until one has nothing new, with the offset of what is known."""

    def respond(asked):
        offset = int(asked.path.rsplit("offset=", 1)[1])
        return found(*(instance(f"1.{offset + number}") for number in range(2 if offset < 6 else 0)))

    result, asked = ask(
        respond, lambda client, server: client.instances(address_of(f"{server.url}/studies/1"))
    )
    assert [each.uid for each in result] == [f"1.{number}" for number in range(6)]
    assert len(asked) == 4


def test_a_server_that_ignores_the_offset(ask):
    """It gives all at once, each time."""
    result, asked = ask(
        lambda asked: found(instance("1.1"), instance("1.2")),
        study,
    )
    assert len(result) == len(asked) == 2


def test_one_instance(ask):
    """The others of a server that ignores the filter are not taken."""
    result, _ = ask(
        pages(instance("1.1"), instance("1.2")),
        lambda client, server: client.instances(
            address_of(f"{server.url}/studies/1/series/1.2/instances/1.2")
        ),
    )
    assert result == [Instance("1", "1.2", "1.2", "DX")]


@pytest.mark.parametrize("answer", [found(), Answer(204)])
def test_nothing_found(ask, answer):
    """A study that is not there."""
    with pytest.raises(RemoteError, match="holds no object"):
        ask(
            lambda asked: answer,
            lambda client, server: client.instances(address_of(f"{server.url}/studies/1")),
        )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "something else than JSON"),
        (b"{}", "something else than a list"),
        (b"[1]", "something else than a list"),
        (b"[{}]", "no valid \\(0008,0018\\)"),
        (b'[{"00080018": {"Value": ["../../x"]}}]', "no valid \\(0008,0018\\)"),
        (b'[{"00080018": {"Value": [7]}}]', "no valid \\(0008,0018\\)"),
        (b"[" * 100_000, "something else than JSON"),
    ],
)
def test_results_that_are_none(ask, body, message):
    """A UID becomes part of a path: nothing else is taken for one."""
    with pytest.raises(RemoteError, match=message):
        ask(
            lambda asked: Answer(200, body, {"Content-Type": JSON}),
            study,
        )


def test_an_object_as_it_is_stored(ask, tmp_path):
    """Its bytes, in its own transfer syntax."""
    count, asked = ask(lambda asked: part(FILE), lambda client, _: client.retrieve(ONE, tmp_path / "a.dcm"))
    assert (tmp_path / "a.dcm").read_bytes() == FILE and count == len(FILE)
    assert asked[0].headers["Accept"] == AS_STORED
    assert asked[0].path.endswith("/studies/1/series/1.2/instances/1.2.3")


def test_a_server_that_does_not_know_any_transfer_syntax(ask, tmp_path):
    """It is asked again, for the one that it likes."""
    _, asked = ask(
        lambda asked: Answer(406) if "=*" in asked.headers["Accept"] else part(FILE),
        lambda client, _: client.retrieve(ONE, tmp_path / "a.dcm"),
    )
    assert len(asked) == 2 and (tmp_path / "a.dcm").read_bytes() == FILE


def cut(answer, at):
    """An answer of which only some bytes come."""
    return Answer(200, answer.body[:at], answer.headers, len(answer.body))


@pytest.mark.parametrize(
    "broken",
    [cut(part(FILE), 300), cut(part(FILE), 0), Answer(200, part(FILE).body[:300], {"Content-Type": PARTS})],
    ids=["stops midway", "stops at once", "truncated multipart"],
)
def test_a_retrieval_that_breaks_off(ask, tmp_path, broken):
    """It is begun again; where it never gets through, no file is left."""
    answers = iter([broken, part(FILE)])
    ask(lambda asked: next(answers), lambda client, _: client.retrieve(ONE, tmp_path / "a.dcm"))
    assert (tmp_path / "a.dcm").read_bytes() == FILE
    with pytest.raises(RemoteError, match=r"too early|closed the connection"):
        ask(lambda asked: broken, lambda client, _: client.retrieve(ONE, tmp_path / "b.dcm"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.dcm"]


@pytest.mark.parametrize("content", [b"<html>", b"", b"\x89PNG"])
def test_what_is_not_dicom(ask, tmp_path, content):
    """No file is left of it."""
    with pytest.raises(RemoteError, match="not DICOM"):
        ask(lambda asked: part(content), lambda client, _: client.retrieve(ONE, tmp_path / "a.dcm"))
    assert list(tmp_path.iterdir()) == []


def told(stored=(), failed=()):
    """What a server says of a storage."""
    items = [{"00081155": {"Value": [uid]}} for uid in stored]
    others = [{"00081155": {"Value": [uid]}, "00081197": {"Value": [reason]}} for uid, reason in failed]
    return json.dumps({"00081199": {"Value": items}, "00081198": {"Value": others}}).encode()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, told(["1.2.3"])),
        (202, told(["1.2.3"])),
        (200, b"[" + told(["1.2.3"]) + b"]"),
        (200, b""),
        (409, told(failed=[("1.2.3", 0x0111)])),  # it has it already
    ],
)
def test_an_object_that_is_stored(ask, tmp_path, status, body):
    """By what the server says of it."""
    (tmp_path / "a.dcm").write_bytes(FILE)
    _, asked = ask(
        lambda asked: Answer(status, body), lambda client, _: client.store(tmp_path / "a.dcm", "1.2.3")
    )
    assert FILE in asked[0].body and asked[0].path == "/dicom-web/studies" and len(asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "message", "count"),
    [
        (202, told(failed=[("1.2.3", 0xA900)]), "A900H", 1),
        (409, told(failed=[("1.2.3", 0xA700)]), "A700H", 3),  # full, which passes
        (200, told(["1.2.4"]), "does not say", 1),
        (409, told(), "does not say", 1),
        (200, b"<html>", "JSON", 1),
        (202, b"7", "DICOM JSON", 1),
        (413, b"", "413", 1),
        (503, b"", "503", 3),
    ],
)
def test_an_object_that_is_not_stored(ask, tmp_path, status, body, message, count):
    """Silence is no success."""
    (tmp_path / "a.dcm").write_bytes(FILE)
    asked = []

    def respond(request):
        asked.append(request)
        return Answer(status, body)

    with pytest.raises(RemoteError, match=message):
        ask(respond, lambda client, _: client.store(tmp_path / "a.dcm", "1.2.3"))
    assert len(asked) == count and all(FILE in each.body for each in asked)


@pytest.mark.parametrize(
    ("answer", "there"), [(found(instance()), True), (found(instance("1.9")), False), (Answer(404), False)]
)
def test_whether_a_server_has_an_object(ask, answer, there):
    """By its UIDs; 404 is no."""
    result, _ = ask(lambda asked: answer, lambda client, _: client.has(ONE))
    assert result is there


def test_studies_and_their_modalities(ask):
    """Those of a server that says them, and of one that does not."""
    rows = [
        {
            "0020000D": {"Value": ["1"]},
            "00080061": {"Value": ["DX", "SEG"]},
            "00201208": {"Value": [3]},
        },
        {"0020000D": {"Value": ["2"]}},
    ]
    result, asked = ask(
        lambda asked: Answer(200, json.dumps(rows).encode(), {"Content-Type": JSON}),
        lambda client, _: client.studies(StudyDate="20261129-"),
    )
    assert result == [FoundStudy("1", frozenset({"DX", "SEG"}), 3), FoundStudy("2")]
    assert "StudyDate=20261129-" in asked[0].path and "includefield=00080061%2C00201208" in asked[0].path
