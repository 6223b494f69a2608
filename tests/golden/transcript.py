"""What a case did, as a text that can be read, stored and compared section by section."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HEAD, INDENT = "== ", "  "
NONE = "-"
CARRIAGE_RETURN, NO_NEWLINE = "␍", "␄"  # seen in a stored text


@dataclass(frozen=True)
class Section:
    """One part: a command with its exit code, what it printed, or a file.

    Attributes:
        name: ``1: exit``, ``1: stdout``, ``file out/a.png``.
        text: All of it, or a description.
        inside: See `tests.golden.content.Content`.
        bytes: Likewise.
    """

    name: str
    text: str
    inside: str = ""
    bytes: str = ""


def write(sections: Iterable[Section]) -> str:
    """Sections -> text; `read` is its inverse."""
    lines = []
    for section in sections:
        digests = (
            f" | {section.inside or NONE} {section.bytes or NONE}" if section.inside + section.bytes else ""
        )
        lines.append(f"{HEAD}{section.name}{digests}")
        text = section.text.replace("\r", CARRIAGE_RETURN)
        if text:
            whole = text if text.endswith("\n") else f"{text}{NO_NEWLINE}\n"
            lines += [f"{INDENT}{line}" for line in whole[:-1].split("\n")]
    return "\n".join([*lines, ""])


def read(text: str) -> list[Section]:
    """Text -> sections, with the marks of `write` still in their texts."""
    found: list[Section] = []
    for line in text.split("\n")[:-1]:
        if line.startswith(HEAD):
            name, _, digests = line.removeprefix(HEAD).partition(" | ")
            inside, _, of_bytes = digests.partition(" ")
            found.append(Section(name, "", inside.replace(NONE, ""), of_bytes.replace(NONE, "")))
        else:
            last = found.pop()
            text = f"{last.text}{line.removeprefix(INDENT)}\n"
            found.append(Section(last.name, text, last.inside, last.bytes))
    return found
