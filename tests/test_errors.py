"""The error tree: exit codes, messages, and the way through a worker process."""

import pickle
import re

import pytest

from cxrtk import errors


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (errors.CxrError("x"), 1),
        (errors.CxrReadError("a.png", "x"), 2),
        (errors.DataError("x"), 2),
        (errors.ConfigError("x"), 2),
        (errors.StorageError("x"), 2),
        (errors.RemoteError("x"), 2),
        (errors.NonFiniteError("x"), 4),
        (errors.CheckpointError("x"), 5),
        (errors.PluginNotFound("x"), 2),
        (errors.PluginConflict("x"), 2),
        (errors.PluginBroken("x"), 2),
    ],
)
def test_exit_codes(error, exit_code):
    """Each error has the exit code that the module's docstring draws, and is a CxrError."""
    assert isinstance(error, errors.CxrError)
    assert error.exit_code == exit_code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "a.dcm: is empty"),
        ({"cure": "copy it again"}, "a.dcm: is empty; copy it again"),
        ({"tag": "(0028,0010) Rows = 0"}, "a.dcm: is empty [(0028,0010) Rows = 0]"),
        ({"tag": "(0028,0010) Rows", "cure": "repair it"}, "a.dcm: is empty [(0028,0010) Rows]; repair it"),
    ],
)
def test_read_error_is_one_sentence(arguments, message):
    """Path, what is wrong, tag and cure stand in this order; what is not given leaves no trace."""
    assert str(errors.CxrReadError("a.dcm", "is empty", **arguments)) == message


def test_a_file_name_cannot_forge_a_line():
    """A newline in a file's name is written as an escape."""
    message = str(errors.CxrReadError("a\nerror: all is lost.png", "is empty"))
    assert message == r"'a\nerror: all is lost.png': is empty"


def test_read_error_survives_pickling():
    """A DataLoader's worker sends its error by pickle; nothing of it is lost."""
    error = errors.CxrReadError("a.dcm", "is empty", cure="copy it", tag="(0028,0010) Rows")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is errors.CxrReadError
    assert (copy.path, copy.what, copy.cure, copy.tag) == ("a.dcm", "is empty", "copy it", "(0028,0010) Rows")
    assert str(copy) == str(error)


def test_not_found_is_a_lookup_error():
    """Code that knows nothing of cxrtk can catch a missing plugin."""
    assert issubclass(errors.PluginNotFound, LookupError)


def test_the_tree_in_the_docstring_is_the_tree():
    """Each class that the module draws has the exit code that stands beside it, and none is missing."""
    drawn = dict(re.findall(r"(\w+) \((\d)\)", errors.__doc__ or ""))
    kinds = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type)}
    assert {name: str(kinds[name].exit_code) for name in drawn} == drawn
    assert all(name in (errors.__doc__ or "") for name in kinds if name != "PathLike")
