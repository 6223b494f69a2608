"""Two transcripts of a case -> what differs, told by section."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.golden.environment import Environment
from tests.golden.transcript import NO_NEWLINE, Section

SHOWN = 24  # lines of a difference
WIDE = 240  # characters of a line
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
# By how much numbers may differ that another processor computed: a share, and the least in digits and in
# pixels; whole numbers below 10 are counts, and do not differ.
SHARE, DIGITS, PIXELS, COUNTS = 0.03, 0.03, 2.0, 10


@dataclass(frozen=True)
class Strictness:
    """What must be equal.

    Attributes:
        numbers: The digits in texts, and digests of what files hold; else numbers may differ by a little.
        bytes: Digests of files.
    """

    numbers: bool
    bytes: bool


def strictness(recorded: Environment, here: Environment, *, exact: bool) -> Strictness:
    """As strict as the two environments allow.

    Args:
        recorded: Where the golden transcript was made.
        here: Where the other one was.
        exact: Whether the outputs are the same on every processor.
    """
    libraries = recorded.libraries == here.libraries
    processor = recorded.processor == here.processor
    numbers = libraries and (exact or processor)
    return Strictness(numbers, numbers and processor and recorded.packers == here.packers)


def differences(golden: Sequence[Section], found: Sequence[Section], how: Strictness) -> Iterator[str]:
    """A paragraph for each section that differs; none where all is well."""
    before, after = {each.name: each for each in golden}, {each.name: each for each in found}
    for name in before:
        if name not in after:
            yield f"{name}: is missing."
    for name, section in after.items():
        if name not in before:
            yield f"{name}: is new:\n{_cut(section.text.splitlines())}"
        elif said := _difference(before[name], section, how):
            yield f"{name}: {said}"
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield "The sections are in another order."


def _difference(golden: Section, found: Section, how: Strictness) -> str:
    if not _alike(golden.text, found.text, how):
        return f"differs:\n{_diff(golden.text, found.text)}"
    if how.numbers and golden.inside != found.inside:
        return f"holds something else: {golden.inside} became {found.inside} ({_about(found)})."
    if how.bytes and golden.bytes != found.bytes:
        around = " around the same content" if found.inside else ""
        return f"has other bytes{around}: {golden.bytes} became {found.bytes} ({_about(found)})."
    return ""


def _about(section: Section) -> str:
    return section.text.partition("\n")[0].removesuffix(NO_NEWLINE)[:WIDE]


def _alike(golden: str, found: str, how: Strictness) -> bool:
    if golden == found or how.numbers:
        return golden == found
    if NUMBER.split(golden) != NUMBER.split(found):
        return False
    return all(map(_near, NUMBER.findall(golden), NUMBER.findall(found)))


def _near(golden: str, found: str) -> bool:
    one, other = float(golden), float(found)
    whole = golden.lstrip("-").isdigit() and found.lstrip("-").isdigit()
    if whole and min(abs(one), abs(other)) < COUNTS:
        return one == other
    return abs(one - other) <= max(PIXELS if whole else DIGITS, SHARE * max(abs(one), abs(other)))


def _diff(golden: str, found: str) -> str:
    return _cut(list(difflib.unified_diff(_lines(golden), _lines(found), "golden", "now", lineterm="", n=0)))


def _lines(text: str) -> list[str]:
    """The lines, long ones broken after commas, so that a difference shows where it is."""
    broken = [line.replace(", ", ",\n  ") if len(line) > WIDE else line for line in text.splitlines()]
    return "\n".join(broken).splitlines()


def _around(line: str) -> str:
    return line if len(line) <= WIDE else f"{line[:WIDE]}..."


def _cut(lines: Sequence[str]) -> str:
    more = len(lines) - SHOWN
    return "\n".join(
        [*(_around(line) for line in lines[:SHOWN]), *([f"... {more} lines more"] if more > 0 else [])]
    )
