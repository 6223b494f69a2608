"""Numbers and names in sentences."""

from collections.abc import Sequence


def counted(number: int, noun: str) -> str:
    """``1 image``, ``2 images``, ``112,120 images``; the noun takes an s.

    Args:
        number: Of things.
        noun: One of them.
    """
    return f"{number:,} {noun}{'s' * (number != 1)}"


def distinct(names: Sequence[str]) -> list[str]:
    """The names, those that occur before with a number behind.

    >>> distinct(["a", "b", "a"])
    ['a', 'b', 'a-2']
    """
    said: list[str] = []
    for name in names:
        count = sum(other == name for other in names[: len(said)])
        said.append(f"{name}-{count + 1}" if count else name)
    return said
