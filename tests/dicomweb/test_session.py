"""Connections: faults of a server become one line, are repeated or not, and give nothing away."""

import logging
import ssl
import time

import pytest

from cxrtk.dicomweb.addresses import address_of
from cxrtk.dicomweb.client import Client
from cxrtk.dicomweb.credentials import Access
from cxrtk.dicomweb.session import Patience, Session
from cxrtk.errors import RemoteError
from tests.dicomweb.fake import Answer, found, instance, pages, serving

SECRET = Access(user="joe", password="hunter2-of-joe")


def search(server, quick, access=SECRET):
    """Search for a study."""
    address = address_of(f"{server.url}/studies/1")
    with Client(address, access, quick) as client:
        return client.instances(address)


@pytest.mark.parametrize(
    ("status", "message", "count", "whole"),
    [
        (401, "does not accept the credentials", 1, True),
        (403, "may not do that", 1, True),
        (404, "no such thing", 1, False),
        (400, "400", 1, False),
        (500, "500", 3, False),
        (503, "503", 3, True),
        (429, "429", 3, True),
    ],
)
def test_a_refusal(quick, caplog, status, message, count, whole):
    """One line; what may pass is asked for again, and no text of the server is repeated."""
    with serving(lambda asked: Answer(status, b"SMITH^JOHN")) as server:
        with pytest.raises(RemoteError, match=message) as error:
            search(server, quick)
        assert len(server.asked) == count and error.value.status == status and error.value.whole is whole
    assert "SMITH" not in str(error.value) + caplog.text and "hunter2" not in str(error.value) + caplog.text


def test_an_error_that_passes(quick, caplog):
    """The second attempt is good, and a line says that there was a first."""
    answers = iter([Answer(500), found(instance()), found()])
    with serving(lambda asked: next(answers)) as server, caplog.at_level(logging.WARNING):
        assert [each.uid for each in search(server, quick)] == ["1.2.3"]
    assert "Trying again" in caplog.text


def test_a_server_says_when(quick):
    """Retry-After is waited for, longer than the own pause."""
    answers = iter([Answer(503, headers={"Retry-After": "1"}), found(instance()), found()])
    with serving(lambda asked: next(answers)) as server:
        began = time.monotonic()
        search(server, quick)
    assert time.monotonic() - began >= 1.0


def test_a_redirect_to_another_server_is_not_followed(quick):
    """That one would receive the credentials, or the patient's data."""
    with serving(pages(instance())) as other:
        to = other.url.replace("localhost", "127.0.0.1") + "/studies/1/instances"
        redirect = Answer(302, headers={"Location": to})
        with (
            serving(lambda asked: redirect) as server,
            pytest.raises(RemoteError, match="redirects to another server"),
        ):
            search(server, quick)
        assert other.asked == []


def test_a_redirect_on_the_same_server_is_followed(quick):
    """With the same credentials."""

    def respond(asked):
        if "/moved" in asked.path:
            return pages(instance())(asked)
        return Answer(307, headers={"Location": asked.path.replace("/studies", "/moved/studies")})

    with serving(respond) as server:
        assert len(search(server, quick)) == 1
        assert len({asked.headers["Authorization"] for asked in server.asked}) == 1


def test_redirects_in_a_circle(quick):
    with (
        serving(lambda asked: Answer(302, headers={"Location": asked.path})) as server,
        pytest.raises(RemoteError, match="in a circle"),
    ):
        search(server, quick)


def test_a_body_is_sent_to_nobody_else(quick, tmp_path):
    """Not even to the same server, if it redirects a storage."""
    (tmp_path / "a.dcm").write_bytes(b"image")
    with serving(lambda asked: Answer(307, headers={"Location": "/elsewhere"})) as server:
        with Client(address_of(server.url), SECRET, quick) as client, pytest.raises(RemoteError, match="307"):
            client.store(tmp_path / "a.dcm", "1.2")
        assert len(server.asked) == 1


def test_nobody_there(quick):
    """A port on which nobody listens."""
    with serving(pages()) as server:
        pass
    with pytest.raises(RemoteError, match="cannot be reached") as error:
        search(server, quick)
    assert error.value.whole and error.value.again


def test_a_server_that_says_nothing(quick):
    """It is waited for as long as was said, and asked again."""

    def respond(asked):
        time.sleep(1.5)
        return found()

    with serving(respond) as server, pytest.raises(RemoteError, match="does not answer in time"):
        search(server, Patience(connect=1.0, silence=0.3, whole=2.0, attempts=2, first=0.01, longest=0.01))
    assert len(server.asked) == 2


def test_the_certificate_is_verified(quick, server_tls, ca_file):
    """With its authority all is well; without, nothing is sent."""
    with serving(pages(instance()), server_tls) as server:
        assert len(search(server, quick, Access(token="tok3n", ca_file=str(ca_file)))) == 1
        assert server.asked[0].headers["Authorization"] == "Bearer tok3n"
        server.asked.clear()
        with pytest.raises(RemoteError, match=r"certificate is not accepted.*--ca-file"):
            search(server, quick, Access(token="tok3n"))
        assert server.asked == []


def test_a_certificate_of_another_name(quick, authority, ca_file):
    """Signed by the right authority, for the wrong host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example").configure_cert(context)
    with serving(pages(instance()), context) as server, pytest.raises(RemoteError, match="not accepted"):
        search(server, quick, Access(token="tok3n", ca_file=str(ca_file)))
    assert server.asked == []


def test_a_certificate_of_the_client(quick, authority, ca_file, tmp_path):
    """Shown to a server that asks for one; without it that server refuses."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    own = authority.issue_cert("cxrtk@hospital.example")
    own.private_key_and_cert_chain_pem.write_to_path(tmp_path / "client.pem")
    with serving(pages(instance()), context) as server:
        access = Access(certificate=str(tmp_path / "client.pem"), ca_file=str(ca_file))
        assert len(search(server, quick, access)) == 1
        with pytest.raises(RemoteError):
            search(server, quick, Access(ca_file=str(ca_file)))


def test_no_password_of_netrc(quick, tmp_path, monkeypatch):
    """Nobody named that file."""
    (tmp_path / "netrc").write_text("machine localhost login joe password hunter2\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serving(pages(instance())) as server:
        search(server, quick, Access())
        assert all("Authorization" not in asked.headers for asked in server.asked)


def test_an_answer_without_end(quick):
    """More text than a search can have is not read."""
    with serving(lambda asked: Answer(200, b"[" * 1000)) as server:
        address = address_of(server.url)
        with (
            Session(address, Access(), quick) as session,
            session.answer("GET", server.url, headers={}) as response,
            pytest.raises(RemoteError, match="more than 100 bytes"),
        ):
            session.text(response, most=100)


def test_nothing_secret_in_a_traceback(quick):
    """The exception that requests raised, whose text may quote a request, is not chained."""
    with serving(pages()) as server:
        pass
    with pytest.raises(RemoteError) as error:
        search(server, quick)
    assert error.value.__cause__ is None and error.value.__suppress_context__
