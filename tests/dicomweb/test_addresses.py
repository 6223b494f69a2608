"""Addresses: what they name, and what they must not hold."""

import pytest

from cxrtk.dicomweb.addresses import Address, address_of, is_address, is_open, is_uid, origin_of
from cxrtk.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://h/dicom-web", Address("https://h/dicom-web")),
        ("https://h/", Address("https://h")),
        ("HTTPS://h:1/a/studies/1.2/", Address("https://h:1/a", "1.2")),
        ("https://h/a/studies/1/series/2", Address("https://h/a", "1", "2")),
        ("http://h/studies/1/series/2/instances/3", Address("http://h", "1", "2", "3")),
        ("https://h/studies/studies/1", Address("https://h/studies", "1")),
    ],
)
def test_what_an_address_names(text, address):
    """The service, and UIDs as far as there are some; the text made of it names the same."""
    assert address_of(text) == address
    assert address_of(str(address)) == address


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://h/studies",
            "https://h/studies/x",
            "https://h/studies/1/series",
            "https://h/studies/1/x/2",
        ),
        *("https://h/studies/1..2", "https://h/studies/..", f"https://h/studies/{'1' * 65}"),
        *("https://h/studies/1/series/2/instances/3/frames/1", "https:///studies/1", "https://h:99999/"),
        *("https://h/studies/1?a=b", "https://h/studies/1#a", "ftp://h/studies/1", "h/studies/1"),
    ],
)
def test_an_address_that_names_nothing(text):
    """One line that says how to write it."""
    with pytest.raises(ConfigError, match="write it as https://HOST"):
        address_of(text)


@pytest.mark.parametrize("text", ["https://joe:hunter2@h/studies/1", "https://joe@h/", "http://:hunter2@h/"])
def test_a_password_in_an_address_is_refused_and_not_repeated(text):
    """Lists of processes and shells' histories would show it."""
    with pytest.raises(ConfigError, match="holds a user name or a password") as error:
        address_of(text)
    assert "hunter2" not in str(error.value) and "joe" not in str(error.value)


def test_servers_are_told_apart_by_scheme_host_and_port():
    """Credentials belong to one of them."""
    assert origin_of("https://A.example") == origin_of("https://a.example:443/x") == "https://a.example:443"
    assert len({origin_of(each) for each in ("http://a", "https://a", "https://a:444", "https://b")}) == 4
    assert origin_of("https://[::1]:8/x") == "https://[::1]:8"


def test_what_can_be_read_on_the_way():
    """Plain http, except on this machine."""
    assert is_open("http://pacs/x")
    assert not any(
        map(is_open, ("https://pacs/x", "http://localhost:80/x", "http://127.0.0.1/", "http://[::1]/"))
    )


def test_addresses_and_paths():
    """A word is an address by its scheme."""
    assert is_address("HTTPS://h") and is_address("http://h")
    assert not any(map(is_address, ("h", "/https://h", "httpsx", "s3://h")))


def test_uids():
    """Digits and single dots."""
    assert is_uid("1.2.840") and is_uid("01.2") and is_uid("1" * 64)
    assert not any(map(is_uid, ("", ".", "1.", ".1", "1..2", "1" * 65, "1.a", "1/2", "1.2\n")))
