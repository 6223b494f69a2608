"""A name for a user who has none. With real users' numbers: tests/environments."""

import getpass
import os

import pytest

from cxrtk.process.user import ensure_user_name


@pytest.fixture
def no_variables(monkeypatch):
    """The environment states no name; what is set is taken back."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize("error", [KeyError, OSError, ImportError])
def test_a_number_gets_a_name(no_variables, monkeypatch, error):
    """Python up to 3.12 says KeyError, 3.13 OSError, Windows ImportError."""

    def fail() -> str:
        raise error("no name")

    with monkeypatch.context() as patched:
        patched.setattr(getpass, "getuser", fail)
        ensure_user_name()
    assert os.environ["LOGNAME"] == f"uid-{os.getuid()}" == getpass.getuser()


def test_a_name_stays(no_variables, monkeypatch):
    """Of the environment, or of the system."""
    monkeypatch.setenv("USER", "somebody")
    ensure_user_name()
    assert getpass.getuser() == "somebody" and "LOGNAME" not in os.environ
