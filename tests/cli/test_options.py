"""The options that several verbs share."""

import typing

import pytest
import typer

from cxrtk.cli import options

SHARED = {name: each for name, each in vars(options).items() if typing.get_origin(each) is typing.Annotated}


@pytest.mark.parametrize("name", SHARED)
def test_each_says_what_it_is_for(name):
    """`--help` has a sentence for every one of them, and each has a long name."""
    (option,) = (each for each in SHARED[name].__metadata__ if isinstance(each, typer.models.OptionInfo))
    assert option.help and option.help.endswith((".", "]"))
    assert any(each.startswith("--") for each in (option.default, *option.param_decls))
