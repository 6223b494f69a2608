"""Each table of the model's pages stands between its marks, and is replaced by what its command prints."""

import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def renewing(load_benchmark):
    """The script."""
    return load_benchmark("renew_tables")


def test_each_page_has_its_tables(renewing):
    """The marks stand once, and the command is a script of the folder."""
    assert renewing.TABLES
    for table in renewing.TABLES:
        text = (renewing.DOCS / table.page).read_text(encoding="utf-8")
        assert "XX" in renewing.replaced(text, table.name, "XX")
        assert (renewing.HERE / table.command.split()[0]).is_file()


def test_only_what_is_between_the_marks_changes(renewing):
    """Text before and after, and other tables, stay."""
    text = "a\n<!-- begin x -->\nold\nold\n<!-- end x -->\nb\n<!-- begin y -->\nold\n<!-- end y -->\n"
    found = renewing.replaced(text, "x", "| new\\1 |\n\n")
    assert found == text.replace("old\nold\n", "| new\\1 |\n", 1)


@pytest.mark.parametrize("text", ["", "<!-- begin x -->\n<!-- end x -->\n" * 2])
def test_marks_that_are_missing_or_stand_twice(renewing, text):
    """They are named."""
    with pytest.raises(ValueError, match="the table x"):
        renewing.replaced(text, "x", "")


def test_a_command_that_fails_changes_no_page(renewing, monkeypatch, tmp_path):
    """One that succeeds does."""
    page, table = tmp_path / "page.md", renewing.Table("x", "page.md", "x.py")
    page.write_text("<!-- begin x -->\nold\n<!-- end x -->\n")
    monkeypatch.setattr(renewing, "DOCS", tmp_path)
    for program, left in (("print('new'); raise SystemExit(3)", "old"), ("print('new')", "new")):
        monkeypatch.setattr(
            renewing.Table, "words", lambda *_, program=program: [sys.executable, "-c", program]
        )
        if left == "old":
            with pytest.raises(subprocess.CalledProcessError):
                renewing.renew(table, tmp_path)
        else:
            renewing.renew(table, tmp_path)
        assert page.read_text() == f"<!-- begin x -->\n{left}\n<!-- end x -->\n"
