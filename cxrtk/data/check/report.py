"""Report of a check, as JSON and as table rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxrtk.data.check.codes import CODES, ERROR, NOTE, SEVERITIES, WARNING
from cxrtk.data.check.issue import Issue, severity

SCHEMA = "cxrtk-check/1"
MOST_LISTED = 1000  # issues of one code in the JSON
_SHOWN = 3  # names in one row of the table


@dataclass(frozen=True)
class Report:
    """All findings of a check.

    Attributes:
        reader: Its name.
        issues: In the order of `CODES`, and within a code in that of the images.
        summary: The data set's fingerprint, plain JSON.
        accepted: Codes that the user accepts: notes, whatever they were.
    """

    reader: str
    issues: Sequence[Issue]
    summary: Mapping[str, Any]
    accepted: frozenset[str] = frozenset()

    def of(self, code: str) -> list[Issue]:
        """The issues of one code."""
        return [issue for issue in self.issues if issue.code == code]

    def severity(self, code: str) -> str:
        """Severity of a code: ``error``, ``warning`` or ``note``."""
        return severity(code, self.accepted)

    def count(self, level: str) -> int:
        """How many issues are of a severity."""
        return sum(self.severity(issue.code) == level for issue in self.issues)

    @property
    def status(self) -> str:
        """The highest severity found, or ``clean`` where there are only notes."""
        return next((level for level in (ERROR, WARNING) if self.count(level)), "clean")

    def codes(self) -> list[str]:
        """Those found, the worst first."""
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
    """In the order of `CODES`; those of one code stay as they come."""
    places = {code: place for place, code in enumerate(CODES)}
    return sorted(issues, key=lambda issue: places[issue.code])


def suspicious(report: Report) -> list[Issue]:
    """The issues about single images or pairs worth a look: no notes, each code in turn."""
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
