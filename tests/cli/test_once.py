"""An option that takes one value is given once."""

import pytest


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["segment", "-i", "a", "-o", "x", "--output", "y"], "--output is given 2 times"),
        (
            ["segment", "-i", "a", "-o", "x", "--model", "a", "--model", "b", "--model", "c"],
            "--model is given 3",
        ),
        (["evaluate", "--dataset_dir", "a", "--dataset_dir", "b", "-o", "x"], "--dataset_dir is given 2"),
        (["phantom", "--count", "3", "--count", "4"], "--count is given 2"),
    ],
)
def test_a_second_value_is_refused(cxrtk_command, words, name):
    """In one line that names the option; only the last would count."""
    ended = cxrtk_command(*words)
    assert ended.code == 2 and ended.err.count("\n") == 1 and name in ended.err


def test_what_can_be_repeated_and_flags_may(cxrtk_command, tmp_path):
    """Several inputs get as far as being looked for, and a flag means the same twice."""
    ended = cxrtk_command("segment", "-i", "no_such_a", "-i", "no_such_b", "-o", tmp_path / "o", "-q", "-q")
    assert ended.code == 2 and "no_such_a" in ended.err and "is given" not in ended.err
