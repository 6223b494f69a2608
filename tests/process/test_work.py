"""The work of a process, as an error and a signal find it."""

import pytest

from cxrtk.process import failures
from cxrtk.process.work import Current


class Counting:
    """Work that keeps its record in a list."""

    def __init__(self, *, begun: bool) -> None:
        self.begun = begun
        self.record: list[tuple[str, str]] = []

    def ended(self, status: str, reason: str) -> None:
        self.record.append((status, reason))

    def go_on_command(self) -> str:
        return "count --go-on"

    def has_progress(self) -> bool:
        return self.begun


@pytest.mark.parametrize("begun", [True, False])
def test_an_error_is_noted_and_says_how_to_go_on(begun, monkeypatch, capsys):
    """In the record of the work; the line on going on stands only where there is something to go on from."""
    work = Counting(begun=begun)
    monkeypatch.setattr(Current, "work", work)
    failures.report(OSError(28, "No space left on device"))
    assert [status for status, _ in work.record] == ["failed"]
    assert ("To continue: count --go-on" in capsys.readouterr().err) is begun
