"""Labels of 1, 0, -1 and blank, as CheXpert's labeller writes them, by a stated policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cxrtk.data.findings import NO_FINDING
from cxrtk.errors import ConfigError, DataError

UNCERTAIN: Final = ("negative", "positive", "leave_out")
BLANK: Final = ("negative", "leave_out")
_VALUES: Final[Mapping[str, int | None]] = {"": None, "1": 1, "0": 0, "-1": -1}


def check_policy(uncertain: str, blank: str) -> None:
    """Refuse an unknown policy.

    Raises:
        ConfigError: `uncertain` is none of `UNCERTAIN`, or `blank` none of `BLANK`.
    """
    for name, value, known in (("uncertain", uncertain, UNCERTAIN), ("blank", blank, BLANK)):
        if value not in known:
            raise ConfigError(f"{name} must be one of {', '.join(known)}, not {value!r}.")


class FindingPolicy:
    """Policy for the findings in the rows of a table.

    Args:
        known: Findings in the table, without ``No Finding``.
        findings: Findings to read; ``None`` for all of `known`.
        uncertain: Meaning of -1: ``negative``, ``positive``, or ``leave_out`` the image.
        blank: Meaning of a finding that is not mentioned: ``negative``, or ``leave_out`` the image.

    Attributes:
        names: Findings that are read.

    Raises:
        ConfigError: A policy is unknown.
        DataError: `findings` is no list of known findings.
    """

    def __init__(
        self,
        known: Sequence[str],
        findings: Sequence[str] | None = None,
        uncertain: str = "negative",
        blank: str = "negative",
    ) -> None:
        check_policy(uncertain, blank)
        self.names = tuple(known if findings is None else findings)
        if isinstance(findings, str) or not self.names or not set(self.names) <= set(known):
            raise DataError(f"findings must be a list of {', '.join(known)}, not {findings!r}.")
        self.uncertain = uncertain
        self.blank = blank

    def findings_of(self, cells: Mapping[str, str]) -> dict[str, Any] | None:
        """Return the findings of a row, ``None`` where the policy leaves it out.

        Args:
            cells: Cells of the row, ``1.0``, ``0.0``, ``-1.0`` or blank by the names of the findings.

        Returns:
            ``findings``, a tuple of those present, ``("No Finding",)`` where there is none; ``uncertain``,
            those with -1; ``blank``, those not mentioned.

        Raises:
            ValueError: A cell is none of the four; the message is a phrase.
        """
        values = {name: _value(name, cells[name]) for name in self.names}
        doubtful = tuple(name for name, value in values.items() if value == -1)
        silent = tuple(name for name, value in values.items() if value is None)
        if (doubtful and self.uncertain == "leave_out") or (silent and self.blank == "leave_out"):
            return None
        present = (1, -1) if self.uncertain == "positive" else (1,)
        found = tuple(name for name, value in values.items() if value in present)
        return {"findings": found or (NO_FINDING,), "uncertain": doubtful, "blank": silent}


def _value(name: str, text: str) -> int | None:
    word = text.strip().removesuffix(".0")
    if word not in _VALUES:
        raise ValueError(f"{name} is {text[:20]!r}, which is none of 1, 0, -1 and blank")
    return _VALUES[word]
