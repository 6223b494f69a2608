"""Numbers in sentences."""

import pytest

from cxrtk.wording import counted


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 images"), (1, "1 image"), (2, "2 images"), (112_120, "112,120 images")],
)
def test_one_is_singular(number, words):
    """None and many are plural."""
    assert counted(number, "image") == words
