"""The interface of sources."""

from tests.watch.conftest import Shelf


def test_nothing_is_let_go_by_default():
    """A source that others own keeps what it has."""
    from cxrtk.watch.source import Source

    assert Source.release(Shelf(), ["1.1"]) is None
