"""Numbers in sentences."""


def counted(number: int, noun: str) -> str:
    """``1 image``, ``2 images``, ``112,120 images``; the noun takes an s.

    Args:
        number: Of things.
        noun: One of them.
    """
    return f"{number:,} {noun}{'s' * (number != 1)}"
