"""Pluralised counts and unique names for messages."""

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """Return a count with its noun: ``1 image``, ``2 images``, ``112,120 images``; plurals end in "s".

    Args:
        number: Number of items.
        noun: Singular noun.
    """
    return f"{number:,} {noun}{'s' * (number != 1)}"


def distinct(names: Sequence[str]) -> list[str]:
    """Make names unique by appending a number to each repetition.

    >>> distinct(["a", "b", "a"])
    ['a', 'b', 'a-2']
    """
    said: list[str] = []
    for name in names:
        count = sum(other == name for other in names[: len(said)])
        said.append(f"{name}-{count + 1}" if count else name)
    return said
