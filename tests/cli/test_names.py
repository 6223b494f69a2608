"""One name for one thing, and the spellings that are taken for it."""

import pytest

from cxrtk.cli.app import parser
from cxrtk.cli.names import ALIASES, UNNAMED, respelled

COMMANDS = parser().commands
OPTIONS = {
    verb: {
        option
        for parameter in command.params
        if parameter.param_type_name == "option"
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    for verb, command in COMMANDS.items()
}


def test_no_name_has_an_underscore():
    """Hyphens everywhere; underscores are taken for them."""
    assert [option for options in OPTIONS.values() for option in options if "_" in option] == []


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("--dataset-dir", ("--data", "--dataset", "--datasets", "--data-dir")),
        ("--workers", ("--num-workers", "--jobs", "--nproc")),
        ("--output", ("--out", "--output-dir", "--target")),
        ("--input", ("--images-dir", "--source")),
        ("--quiet", ("--silent",)),
        ("--json", ("--as-json",)),
        ("--verbose", ("--debug",)),
    ],
)
def test_one_thing_has_one_name(name, others):
    """No verb has another name for it, and those that take it have its short form, too."""
    assert [other for options in OPTIONS.values() for other in others if other in options] == []
    short = {"--output": "-o", "--input": "-i", "--quiet": "-q"}.get(name)
    with_it = [options for options in OPTIONS.values() if name in options]
    assert with_it and all(short in options for options in with_it if short)


@pytest.mark.parametrize("verb", COMMANDS)
def test_verbose_and_help_are_everywhere(verb):
    """After the verb as well as before it."""
    assert "--verbose" in OPTIONS[verb]


@pytest.mark.parametrize("verb", ALIASES)
def test_other_names_lead_to_one_that_is(verb):
    """An alternative name leads to an existing option and is not an option itself."""
    for other, name in ALIASES[verb].items():
        assert name in OPTIONS[verb] and other not in OPTIONS[verb]


@pytest.mark.parametrize("verb", UNNAMED)
def test_arguments_without_a_name_take_the_option(verb):
    """Verbs with as many arguments as options for them."""
    arguments = [each for each in COMMANDS[verb].params if each.param_type_name == "argument"]
    assert len(arguments) == len(UNNAMED[verb]) / 2  # each has a short and a long form


@pytest.mark.parametrize(
    ("verb", "words", "expected"),
    [
        ("evaluate", ["--dataset_dir=A", "--models", "b"], ["--dataset-dir=A", "--model", "b"]),
        ("evaluate", ["--set", "reader#image_size=4"], ["--set", "reader#image_size=4"]),
        ("masks", ["-i", "A"], ["--dataset-dir", "A"]),
        ("convert", ["--input=a.dcm", "b.png"], ["a.dcm", "b.png"]),
        ("convert", ["a.dcm", "-o", "b.png"], ["a.dcm", "b.png"]),
        ("convert", ["--", "-i", "b"], ["--", "-i", "b"]),
        ("train", ["unet_cxr", "--image_size", "64"], ["unet_cxr", "--image_size", "64"]),
    ],
)
def test_words_as_people_type_them(verb, words, expected):
    """Values and what is unknown stay as they are."""
    assert respelled(verb, words, OPTIONS[verb]) == expected


def test_an_image_is_converted_by_named_options(cxrtk_command, cxrtk_data, tmp_path):
    """`convert` accepts the same option names as `segment`."""
    image = cxrtk_data / "dicom" / "RG1_UNCI.dcm"
    ended = cxrtk_command("convert", "-o", tmp_path / "a.png", "-i", image)
    assert ended.code == 0 and (tmp_path / "a.png").is_file()
