"""Words that occur nowhere else, one for each place where a file can name a patient."""

from __future__ import annotations

import hashlib

_LETTERS = 10


def canary(place: str) -> str:
    """Twelve capitals that stand for a place: short enough for any text of DICOM, long enough to be unique.

    >>> canary("PatientName") == canary("PatientName") != canary("PatientID")
    True
    """
    digest = hashlib.sha256(place.encode()).digest()[:_LETTERS]
    return "QZ" + "".join(chr(ord("A") + byte % 26) for byte in digest)


def date(place: str) -> str:
    """A day of the 18th century, on which no test runs: eight digits."""
    number = int.from_bytes(hashlib.sha256(place.encode()).digest()[:4], "big")
    return f"17{number % 100:02d}{number // 100 % 12 + 1:02d}{number // 1200 % 28 + 1:02d}"


def uid(place: str) -> str:
    """A UID that nobody else makes."""
    return f"2.25.{int.from_bytes(hashlib.sha256(place.encode()).digest()[:12], 'big')}"
