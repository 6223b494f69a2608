"""A flag goes before the environment, the environment before the settings, these before the default."""

import pytest

from cxrtk.cli.app import parser
from cxrtk.cli.settings_file import settings_path


@pytest.fixture
def settings(monkeypatch, tmp_path):
    """A function that writes the user's settings."""
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("CXRTK_SETTINGS", str(path))
    return lambda text: path.write_text(text, encoding="utf-8")


@pytest.fixture
def given(monkeypatch):
    """A function: words of `cxrtk segment` -> the values that the verb gets."""

    def values(*words):
        seen = []
        command = parser("segment").commands["segment"]
        monkeypatch.setattr(command, "callback", lambda **found: seen.append(found))
        command.main(["-i", "a", "-o", "b", *words], standalone_mode=False)
        return seen[0]

    return values


def test_their_order(settings, given, monkeypatch):
    """Taken away one after the other."""
    settings('[all]\nworkers = 2\n\n[segment]\nworkers = 3\nbatch_size = 7\noutput-types = "json"\n')
    monkeypatch.setenv("CXRTK_SEGMENT_WORKERS", "4")
    assert given("--workers", "5")["workers"] == 5
    assert given()["workers"] == 4
    monkeypatch.delenv("CXRTK_SEGMENT_WORKERS")
    found = given()
    assert (found["workers"], found["batch_size"], found["formats"]) == (3, 7, "json")
    settings("[all]\nworkers = 2\n")
    assert given()["workers"] == 2
    settings("")
    assert given()["workers"] == 1


def test_a_variable_of_the_verb_goes_before_that_of_all(given, monkeypatch):
    """`CXRTK_BACKEND` is for every verb."""
    monkeypatch.setenv("CXRTK_BACKEND", "torch")
    assert given()["backend"].value == "torch"
    monkeypatch.setenv("CXRTK_SEGMENT_BACKEND", "auto")
    assert given()["backend"].value == "auto"


def test_lists_and_flags(settings, given):
    """Lists and flags are those of TOML."""
    settings('[segment]\npreview = true\nset = ["reader#voi=none", "reader#only=a"]\n')
    found = given()
    assert found["preview"] is True and found["settings"] == ["reader#voi=none", "reader#only=a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[segment]\nbatch = 3\n", "[segment] batch: no such option; available: address,"),
        ("[all]\nbatch-size = 3\n", "[all] batch-size: no such option; available: backend, device,"),
        ("[divide]\na = 3\n", "[divide]: no such verb; write [all], or a verb as [segment]."),
        ("segment = 3\n", "segment: is outside of a section"),
        ("[segment\n", "is not TOML:"),
        ("[segment]\nbatch-size = 'many'\n", "batch-size = many: input should"),
        ("[segment]\nbatch-size = 0\n", "batch-size = 0: input should"),
        ("[segment]\nthreshold = nan\n", "threshold = nan: give a finite number."),
    ],
)
def test_what_is_wrong_is_one_line(settings, cxrtk_command, text, said):
    """The line names the file, and nothing is done before it."""
    settings(text)
    ended = cxrtk_command("segment", "-i", "a", "-o", "b")
    assert ended.code == 2 and said in ended.err and len(ended.err.splitlines()) == 1
    assert str(settings_path()) in ended.err


def test_a_wrong_variable_is_named(cxrtk_command, monkeypatch):
    """The message contains the value."""
    monkeypatch.setenv("CXRTK_SEGMENT_BATCH_SIZE", "many")
    ended = cxrtk_command("segment", "-i", "a", "-o", "b")
    assert ended.code == 2 and ended.err.startswith(
        "cxrtk: error: CXRTK_SEGMENT_BATCH_SIZE=many: input should"
    )


def test_a_file_that_is_named_must_be_there(cxrtk_command, monkeypatch):
    """The default one need not."""
    monkeypatch.setenv("CXRTK_SETTINGS", "/nowhere/settings.toml")
    ended = cxrtk_command("bundles")
    assert ended.code == 2 and "no such file, although CXRTK_SETTINGS names it" in ended.err
    monkeypatch.delenv("CXRTK_SETTINGS")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")
    assert settings_path().name == "settings.toml" and cxrtk_command("bundles").code == 0
