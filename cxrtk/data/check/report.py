"""Report of a check, as JSON and as table rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxrtk.data.check.codes import CODES, ERROR, NOTE, SEVERITIES, WARNING
from cxrtk.data.check.issue import Issue, severity

SCHEMA = "cxrtk-check/1"
MOST_LISTED = 1000  # maximum number of issues per code in the JSON
_SHOWN = 3  # maximum number of names per table row


@dataclass(frozen=True)
class Report:
    """All issues of a check.

    Attributes:
        reader: Name of the reader.
        issues: Issues in the order of `CODES`, and per code in the order of the images.
        summary: Summary statistics of the data set, plain JSON.
        accepted: Codes accepted by the user; they are notes whatever their severity.
    """

    reader: str
    issues: Sequence[Issue]
    summary: Mapping[str, Any]
    accepted: frozenset[str] = frozenset()

    def of(self, code: str) -> list[Issue]:
        """Return the issues of one code."""
        return [issue for issue in self.issues if issue.code == code]

    def severity(self, code: str) -> str:
        """Return the severity of a code: ``error``, ``warning`` or ``note``."""
        return severity(code, self.accepted)

    def count(self, level: str) -> int:
        """Return the number of issues of a severity."""
        return sum(self.severity(issue.code) == level for issue in self.issues)

    @property
    def status(self) -> str:
        """The highest severity found, or ``clean`` where there are only notes."""
        return next((level for level in (ERROR, WARNING) if self.count(level)), "clean")

    def codes(self) -> list[str]:
        """Return the codes found, most severe first."""
        found = {issue.code for issue in self.issues}
        ordered = [code for code in CODES if code in found]
        return sorted(ordered, key=lambda code: SEVERITIES.index(self.severity(code)))

    def as_json(self) -> dict[str, Any]:
        """Return the report in the schema of docs/check.md."""
        return {
            "schema": SCHEMA,
            "reader": self.reader,
            "status": self.status,
            "counts": {level: self.count(level) for level in SEVERITIES},
            "findings": [
                {
                    "code": code,
                    "severity": self.severity(code),
                    "meaning": CODES[code].meaning,
                    "count": len(self.of(code)),
                    "listed": [_listed(issue) for issue in self.of(code)[:MOST_LISTED]],
                }
                for code in self.codes()
            ],
            "summary": dict(self.summary),
        }

    def rows(self) -> list[dict[str, str]]:
        """Return one row per code: severity, code, count, meaning, and the first images."""
        return [
            {
                "severity": self.severity(code),
                "code": code,
                "count": str(len(found)),
                "meaning": CODES[code].meaning,
                "where": _where(found),
            }
            for code in self.codes()
            for found in [self.of(code)]
        ]


def ordered(issues: Iterable[Issue]) -> list[Issue]:
    """Sort issues in the order of `CODES`, keeping the order within each code."""
    places = {code: place for place, code in enumerate(CODES)}
    return sorted(issues, key=lambda issue: places[issue.code])


def suspicious(report: Report) -> list[Issue]:
    """Select the issues on single images or pairs to show: no notes, alternating between codes."""
    queues = [
        [issue for issue in report.of(code) if issue.images]
        for code in report.codes()
        if report.severity(code) != NOTE
    ]
    longest = max(map(len, queues), default=0)
    return [queue[place] for place in range(longest) for queue in queues if place < len(queue)]


def _listed(issue: Issue) -> dict[str, Any]:
    shown: dict[str, Any] = {"images": list(issue.images), "detail": issue.detail}
    return {**shown, "reason": issue.reason} if issue.reason else shown


def _where(found: Sequence[Issue]) -> str:
    lines = []
    for issue in found[:_SHOWN]:
        lines.append(": ".join(filter(None, (" = ".join(issue.images), issue.detail))))
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(filter(None, lines)) + more
