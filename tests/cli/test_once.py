"""Words that can only be slips, told for every option of every verb."""

import pytest

from cxrtk.cli.app import parser

COMMANDS = parser().commands
SINGLE = [
    (verb, max(parameter.opts, key=len))
    for verb, command in sorted(COMMANDS.items())
    for parameter in command.params
    if parameter.param_type_name == "option" and not parameter.multiple and not parameter.is_flag
]


@pytest.mark.parametrize(("verb", "option"), SINGLE)
def test_an_option_of_one_value_is_given_once(cxrtk_command, verb, option):
    """Whatever else is missing: code 2, one line."""
    ended = cxrtk_command(verb, option, "1", f"{option}=1")
    assert (ended.code, ended.err) == (2, f"cxrtk: error: {option} is given twice; give it once.\n")


@pytest.mark.parametrize(("verb", "option"), SINGLE)
def test_an_option_is_not_empty(cxrtk_command, verb, option):
    """``-o "$OUT"`` is empty if ``OUT`` is not set."""
    ended = cxrtk_command(verb, option, "")
    assert (ended.code, ended.err) == (
        2,
        f"cxrtk: error: {option} is empty; give a value, or leave it out.\n",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["segment", "-o", "a", "--output", "b"], "--output is given twice"),
        (["evaluate", "--dataset_dir", "a", "--datasets", "b"], "--dataset-dir is given twice"),
        (["report", "x", *3 * ["--title", "a"]], "--title is given 3 times; give it once."),
    ],
)
def test_spellings_of_one_option_are_the_same(cxrtk_command, words, said):
    """The short form, and a second long form."""
    ended = cxrtk_command(*words)
    assert ended.code == 2 and said in ended.err and ended.err.count("\n") == 1


def test_what_may_be_given_again(cxrtk_command, monkeypatch, tmp_path):
    """Lists, and flags: of a pair the last counts."""
    ended = cxrtk_command("segment", "-i", "a", "-i", "b", "-q", "-q", "-o", tmp_path, "--set", "c=1")
    assert "given" not in ended.err and "--set c" in ended.err
    seen = []
    command = parser().commands["report"]
    monkeypatch.setattr(command, "callback", lambda **values: seen.append(values["evaluate"]))
    for words in (["--no-evaluate", "--evaluate"], ["--evaluate", "--no-evaluate"]):
        command.main(["x", *words], standalone_mode=False)
    assert seen == [True, False]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
def test_numbers_are_finite(cxrtk_command, value):
    """Whatever their range."""
    ended = cxrtk_command("segment", "-i", "a", "-o", "b", "--threshold", value)
    assert ended.code == 2 and "--threshold" in ended.err and "finite" in ended.err


def test_a_message_repeats_the_value(cxrtk_command):
    """The option, what was given, what may be; a long value is cut, an odd one quoted."""
    for value, shown in (("0", "0"), ("x" * 200, "x" * 80 + "..."), ("a\nb", r"'a\nb'")):
        ended = cxrtk_command("segment", "-i", "a", "-o", "b", "--batch-size", value)
        assert ended.code == 2 and ended.err.startswith(f"cxrtk: error: --batch-size {shown}: input should")
        assert ended.err.count("\n") == 1
