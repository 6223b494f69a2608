"""Progress bars of loops."""

import pytest
import rich.console

from cxrtk.process.progress import track


@pytest.mark.parametrize("total", [None, 3])
def test_the_steps_are_passed_on(capsys, total):
    """In their order, and where stderr is no terminal nothing is printed."""
    assert list(track(iter("abc") if total else "abc", "reading", total=total)) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("hidden", "shown"), [(False, True), (True, False)])
def test_on_a_terminal_a_bar_is_shown(capsys, monkeypatch, hidden, shown):
    """With its name, on stderr, unless it is hidden."""
    monkeypatch.setattr(rich.console.Console, "is_terminal", True)
    assert sum(track(range(4), "reading", hidden=hidden)) == 6
    out, err = capsys.readouterr()
    assert (out, "reading:" in err) == ("", shown)
