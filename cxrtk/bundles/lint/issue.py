"""What the linter says: one line a mistake, and the list that they are gathered in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cxrtk.bundles.lint.tree import Node

Kind = Literal["error", "security"]
COMMAND_LINE = "--set"


@dataclass(frozen=True)
class Issue:
    """One mistake.

    Args:
        file: The file as it was named, or ``--set`` for an override.
        line: Its line, from 1; None for an override or a whole file.
        id: Id path in the config, as ``optimizer#lr``; empty for a whole file.
        what: What is wrong.
        cure: What to do about it.
        kind: ``security`` for code that the linter does not let pass, ``error`` for all else.

    >>> print(Issue("x.json", 12, "optimizer#lrr", "Adam takes no 'lrr'", "did you mean 'lr'?"))
    x.json:12: optimizer#lrr: Adam takes no 'lrr'; did you mean 'lr'?
    """

    file: str
    line: int | None
    id: str
    what: str
    cure: str
    kind: Kind = "error"

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        at = f" {self.id}:" if self.id else ""
        return _one_line(f"{place}:{at} {self.what}; {self.cure}")


def _one_line(text: str) -> str:
    """Text of a stranger's config must forge no second line, nor steer the terminal."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in " ".join(text.split()))


class Report:
    """Issues in the order of the files; what is said twice of one place is kept once."""

    def __init__(self) -> None:
        self._issues: dict[tuple[str, int | None, str, str], Issue] = {}

    def add(self, node: Node, id: str, what: str, cure: str, kind: Kind = "error") -> None:
        """Note a mistake at a node, whose file and line are told."""
        self.say(Issue(node.file, node.line, id, what, cure, kind))

    def say(self, issue: Issue) -> None:
        """Note a mistake."""
        at = id_of_override(issue) if issue.file == COMMAND_LINE else ""
        self._issues.setdefault((issue.file, issue.line, at, issue.what), issue)

    def issues(self, order: Iterable[str], *, security: bool = True) -> list[Issue]:
        """Those found, by file in this order and then by line; `security` False leaves that kind out."""
        rank = {file: index for index, file in enumerate(order)}
        kept = [each for each in self._issues.values() if security or each.kind != "security"]
        return sorted(kept, key=lambda each: (rank.get(each.file, len(rank)), each.file, each.line or 0))


def id_of_override(issue: Issue) -> str:
    """What tells two overrides apart, which have no line."""
    return issue.id


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """A cure: the nearest known word, or else another sentence.

    >>> did_you_mean("chanels", ["channels", "strides"], "leave it out")
    "did you mean 'channels'?"
    """
    known = list(known) if len(word) < 100 else []
    by_case = {each.lower(): each for each in known}
    near = get_close_matches(word, known, n=1, cutoff=0.7)
    if not near and word.lower() in by_case:
        near = [by_case[word.lower()]]
    return f"did you mean {near[0]!r}?" if near else otherwise
