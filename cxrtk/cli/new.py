"""`cxrtk new`: templates of a plugin and its test."""

from __future__ import annotations

import keyword
import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from cxrtk.cli import options as shared
from cxrtk.cli.kinds import Kind
from cxrtk.errors import ConfigError


def new(
    kind: Annotated[Kind, typer.Argument(help="Kind of plugin to write.")],
    name: Annotated[str, typer.Argument(help="Name of the plugin: lower-case letters, digits and _.")],
    folder: Annotated[Path, typer.Option(help="Plugin folder; created if missing.")] = Path("my_plugins"),
    quiet: shared.Quiet = False,
) -> None:
    """Create a working plugin and a passing test as a starting point."""
    from cxrtk.registry import registries

    check_name(name)
    if name in registries[kind.value]:
        raise ConfigError(f"There is a {kind.value} plugin {name!r} already; choose another name.")
    plugin = folder / kind.value / f"{name}.py"
    test = folder / "tests" / f"test_{kind.value}_{name}.py"
    for file in (plugin, test):
        if file.exists():
            raise ConfigError(f"{file}: exists, and is not overwritten; choose another name or --folder.")
    for file, template in ((plugin, f"{kind.value}.py"), (test, f"{kind.value}_test.py")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(render(template, name), encoding="utf-8")
    if not quiet:
        print(next_steps(folder, plugin, test))


def check_name(name: str) -> None:
    """Check that a name is a valid module and function name.

    Raises:
        ConfigError: The name is not a lower-case identifier, or is a keyword of Python.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise ConfigError(
            f"{name!r} cannot name a plugin; use lower-case letters, digits and _, as in tiny_net."
        )


def render(template: str, name: str) -> str:
    """Insert the name of the plugin into a template."""
    from importlib.resources import files

    text = files("cxrtk.cli.templates").joinpath(template).read_text(encoding="utf-8")
    camel = "".join(part.capitalize() for part in name.split("_"))
    return text.replace("plugin_name", name).replace("PluginName", camel)


def next_steps(folder: Path, plugin: Path, test: Path) -> str:
    """Commands for the user to run next."""
    where = shlex.quote(str(folder))
    return (
        f"Wrote {plugin} and {test}.\n"
        "Try it:\n"
        f"  export CXRTK_PLUGINS={where}\n"
        "  cxrtk plugins\n"
        f"  python -m pytest {shlex.quote(str(test))}"
    )
