"""What tests may lack, and what they share."""

import sys

import pytest


@pytest.mark.parametrize(
    ("fixture", "name", "message"),
    [
        ("require_program", "no_such_program", "needs no_such_program; on Debian: apt-get install thing"),
        ("require_module", "no_such_module", r"needs no_such_module: pip install cxrtk\[thing\]"),
    ],
)
def test_what_is_missing_is_skipped_here_and_fails_in_ci(request, monkeypatch, fixture, name, message):
    """With what to install; what is there is given."""
    require = request.getfixturevalue(fixture)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=message):
        require(name, "thing")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=message):
        require(name, "thing")
    found = require("sh" if fixture == "require_program" else "sys", "thing")
    assert found in (sys, "/bin/sh", "/usr/bin/sh")


def test_a_shared_folder_is_made_once_and_whole(made_once, request):
    """One whose making failed is made anew; then it is never made again."""
    name, made = f"test-{request.node.name}", []

    def fill(folder):
        assert list(folder.iterdir()) == []
        (folder / "half").touch()
        made.append(len(made))
        if len(made) == 1:
            raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        made_once(name, fill)
    assert made_once(name, fill) == made_once(name, fill)
    assert made == [0, 1] and (made_once(name, fill) / "half").exists()
