"""Credentials: where they come from, to whom they go, and that nothing shows them."""

import pytest

from cxrtk.dicomweb.addresses import address_of
from cxrtk.dicomweb.credentials import Access, Keyring
from cxrtk.errors import ConfigError

A, B = address_of("https://a.example/dicom-web/studies/1"), address_of("https://b.example/dicom-web")
SECRETS = ("hunter2", "tok3n")
BASIC = {"CXRTK_DICOMWEB_USER": "joe", "CXRTK_DICOMWEB_PASSWORD": "hunter2"}


@pytest.fixture
def write(tmp_path):
    """A function: the text of a file of credentials -> its path."""

    def wrote(text):
        path = tmp_path / "credentials.toml"
        path.write_text(text)
        path.chmod(0o600)
        return path

    return wrote


def test_those_of_the_environment():
    """User and password, or a token, or a certificate; without any, none."""
    assert Keyring(environment=BASIC).access(A) == Access(user="joe", password="hunter2")
    assert Keyring(environment={"CXRTK_DICOMWEB_TOKEN": "tok3n"}).access(A) == Access(token="tok3n")
    assert not Keyring(environment={}).access(A).identifies


def test_those_of_the_environment_are_for_one_server():
    """A second one would be sent the password of the first."""
    keyring = Keyring(environment=BASIC)
    keyring.access(A)
    keyring.access(address_of("https://a.example:443/other"))
    with pytest.raises(ConfigError, match="are for one server") as error:
        keyring.access(B)
    assert "hunter2" not in str(error.value)


def test_those_of_a_file(write, tmp_path):
    """Each server has its own; those of the environment are for others. Paths begin where the file lies."""
    (tmp_path / "c.pem").touch()
    file = write(
        '["https://a.example/dicom-web"]\ntoken = "tok3n"\n["https://c.example"]\ncertificate = "c.pem"\n'
    )
    keyring = Keyring(file, environment=BASIC)
    assert keyring.access(A) == Access(token="tok3n")
    assert keyring.access(address_of("https://c.example")) == Access(certificate=str(tmp_path / "c.pem"))
    assert keyring.access(B).user == "joe"


def test_an_authority_for_servers_that_name_none(write, tmp_path):
    """The file's own comes first."""
    for name in ("x.pem", "y.pem"):
        (tmp_path / name).touch()
    file = write('["https://a.example"]\nca_file = "x.pem"\n')
    keyring = Keyring(file, tmp_path / "y.pem", environment={})
    assert keyring.access(A).ca_file == str(tmp_path / "x.pem")
    assert keyring.access(B).ca_file == str(tmp_path / "y.pem")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hunter2", "is not TOML"),
        ('user = "hunter2"', "write each server as a table"),
        ('["a.example"]\nuser = "hunter2"', "write each server as a table"),
        ('["https://a.example"]\npasswort = "hunter2"', "'passwort' is none of"),
        ('["https://a.example"]\npassword = ["hunter2"]', "not a text in quotes"),
        ('["https://a.example"]\npassword = "hunter2"', "password without a user"),
        ('["https://a.example"]\nuser = "hunter2"', "user without a password"),
        (
            '["https://a.example"]\nuser = "a"\npassword = "hunter2"\ntoken = "tok3n"',
            "both a token and a user",
        ),
        ('["https://a.example"]\ntoken = "tok3n\\n"', "a line break"),
        ('["https://a.example"]\nkey = "k.pem"', "no such file|without a certificate"),
        ('["https://a.example"]\ncertificate = "nowhere.pem"', "no such file"),
    ],
)
def test_a_file_that_is_wrong(write, text, message):
    """It says what, and repeats no value."""
    with pytest.raises(ConfigError, match=message) as error:
        Keyring(write(text), environment={})
    assert not any(secret in str(error.value) for secret in SECRETS)
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_a_file_that_others_can_read(write):
    """It is refused, as ssh refuses such a key."""
    file = write('["https://a.example"]\ntoken = "tok3n"\n')
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        Keyring(file, environment={})


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        Keyring(tmp_path / "nowhere.toml", environment={})


def test_nothing_secret_goes_over_http():
    """Except to this machine; and without credentials anything may."""
    with pytest.raises(ConfigError, match="not sent over http"):
        Keyring(environment=BASIC).access(address_of("http://a.example/x"))
    assert Keyring(environment=BASIC).access(address_of("http://localhost:8042/x")).user == "joe"
    assert not Keyring(environment={}).access(address_of("http://a.example/x")).identifies


def test_nothing_secret_is_shown():
    """Neither by `repr`, nor in an f-string."""
    access = Access(user="joe", password="hunter2")
    assert "hunter2" not in repr(access) + f"{access}" and "joe" not in repr(access)
    assert "tok3n" not in repr(Access(token="tok3n"))
