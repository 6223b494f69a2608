"""Numbers and names in sentences."""

import pytest

from cxrtk.wording import counted, distinct


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 images"), (1, "1 image"), (2, "2 images"), (112_120, "112,120 images")],
)
def test_one_is_singular(number, words):
    """None and many are plural."""
    assert counted(number, "image") == words


def test_names_that_are_alike_get_numbers():
    """The second and the third; the order stays."""
    assert distinct(["a", "b", "a", "a"]) == ["a", "b", "a-2", "a-3"]
