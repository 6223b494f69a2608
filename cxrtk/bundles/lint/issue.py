"""Issues of the linter, and the report that collects them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cxrtk.bundles.lint.tree import Node

Kind = Literal["error", "security"]
COMMAND_LINE = "--set"
MOST = 200  # issues of one config
MOST_SAID = 1000  # the same, including repetitions for one line
MOST_KNOWN = 10_000  # maximum number of words to search for a similar one


@dataclass(frozen=True)
class Issue:
    """One issue, printed as one line.

    Args:
        file: File name as given by the user, or ``--set`` for an override.
        line: Line number, from 1; None for an override or a whole file.
        id: Id in the config, such as ``optimizer#lr``; empty for a whole file.
        what: Description of the issue.
        cure: Suggested fix.
        kind: ``security`` for code that the linter does not allow, otherwise ``error``.

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
    """Escape untrusted text, so that it cannot add a line or send control codes to the terminal."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in " ".join(text.split()))


class TooManyError(Exception):
    """There are `MOST` issues; more would not help, and finding them takes time."""


class Report:
    """Collects issues in the order of the files, without duplicates at one position.

    Args:
        security: Whether to collect issues of kind ``security``.
    """

    def __init__(self, *, security: bool = True) -> None:
        self._security = security
        self._said = 0
        self._issues: dict[tuple[str, int | None, str, str], Issue] = {}

    def add(self, node: Node, id: str, what: str, cure: str, kind: Kind = "error") -> None:
        """Add an issue at the file and line of a node."""
        self.say(Issue(node.file, node.line, id, what, cure, kind))

    def say(self, issue: Issue) -> None:
        """Add an issue.

        Raises:
            TooManyError: There are `MOST` of them.
        """
        if issue.kind == "security" and not self._security:
            return
        at = id_of_override(issue) if issue.file == COMMAND_LINE else ""
        self._issues.setdefault((issue.file, issue.line, at, issue.what), issue)
        self._said += 1
        if len(self._issues) >= MOST or self._said >= MOST_SAID:
            raise TooManyError

    def issues(self, order: Iterable[str]) -> list[Issue]:
        """Issues by file in this order, then by line."""
        rank = {file: index for index, file in enumerate(order)}
        return sorted(
            self._issues.values(),
            key=lambda each: (rank.get(each.file, len(rank)), each.file, each.line or 0),
        )


def id_of_override(issue: Issue) -> str:
    """Key that distinguishes overrides, which have no line."""
    return issue.id


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Suggest the closest known word, or else another sentence.

    >>> did_you_mean("chanels", ["channels", "strides"], "leave it out")
    "did you mean 'channels'?"
    """
    known = list(known) if len(word) < 100 else []
    known = known if len(known) <= MOST_KNOWN else []
    by_case = {each.lower(): each for each in known}
    near = get_close_matches(word, known, n=1, cutoff=0.7)
    if not near and word.lower() in by_case:
        near = [by_case[word.lower()]]
    return f"did you mean {near[0]!r}?" if near else otherwise
