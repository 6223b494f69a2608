"""``--set id=value``: what the words mean."""

import pytest

from cxrtk import ConfigError
from cxrtk.cli.settings import parse_settings, parse_several


@pytest.mark.parametrize(
    ("word", "key", "value"),
    [
        ("max_epochs=3", "max_epochs", 3),
        ("optimizer#lr=1e-4", "optimizer#lr", 1e-4),
        ("amp=false", "amp", False),
        ("split_file=null", "split_file", None),
        ("device=cpu", "device", "cpu"),
        ("seed=007", "seed", "007"),
        ("device=$torch.device('cpu')", "device", "$torch.device('cpu')"),
        ("command=a=b", "command", "a=b"),
        ("run_name=", "run_name", ""),
        ('reader#views=["PA", "AP"]', "reader#views", ["PA", "AP"]),
        ('name="3"', "name", "3"),
    ],
)
def test_value_is_json_or_text(word, key, value):
    """What parses as JSON is that; everything else is text as typed, up to the first = the id."""
    assert parse_settings([word]) == {key: value}


@pytest.mark.parametrize("words", [["max_epochs"], ["=3"], [" =3"], ["seed=1", "seed=2"]])
def test_refuses(words):
    """A word without id or =, or the same id twice, is an error that names it."""
    with pytest.raises(ConfigError, match="--set"):
        parse_settings(words)


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("learning_rate=1e-3,3e-4", [1e-3, 3e-4]),
        ("network_def#name=paper_unet, basic_unet", ["paper_unet", "basic_unet"]),
        ("classes=[1, 2]", [[1, 2]]),
        ("classes=[1, 2],[3]", [[1, 2], [3]]),
        ('dataset_dir="a,b"', ["a,b"]),
        ('dataset_dir="a,b","c"', ["a,b", "c"]),
        ("func=$lambda a, b: a", ["$lambda a, b: a"]),
        ("sources={'a': 1, 'b': 2}", ["{'a': 1, 'b': 2}"]),
        ("amp=true,false", [True, False]),
        ("run_name=", [""]),
        ("seed=null", [None]),
    ],
)
def test_commas_separate_values(word, values):
    """Outside of brackets, braces and quotation marks, and in no expression."""
    assert parse_several([word]) == {word.partition("=")[0]: values}
