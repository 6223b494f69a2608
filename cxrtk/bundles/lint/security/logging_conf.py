"""Check of the ``logging.conf`` beside a config, by the parser and rules of `logging.config.fileConfig`."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from configparser import ConfigParser, Error
from pathlib import Path, PurePosixPath

from cxrtk.bundles.lint.issue import Issue, Report
from cxrtk.bundles.lint.mistake import ALLOW

STREAMS = ("sys.stderr", "sys.stdout")
STREAM_HANDLERS = ("NullHandler", "StreamHandler", "logging.NullHandler", "logging.StreamHandler")
FILE_HANDLERS = ("FileHandler", "logging.FileHandler")
LARGEST = 100_000  # bytes
PATTERNS = ("datefmt", "format")  # options in which %(name)s is not an interpolation


def check_logging(path: Path, output: str, report: Report) -> None:
    """Report everything except plain handlers that `logging.config` would evaluate or open.

    Args:
        path: The file.
        output: Folder of runs; a file handler may append to a ``.log`` file below it.
        report: Report to which issues are added.
    """
    parser = ConfigParser()  # with interpolation, as `logging.config` reads it
    try:
        text = path.read_text(encoding="utf-8") if path.stat().st_size <= LARGEST else "(too large)"
        parser.read_string(text)
        options = [(name, *option) for name in parser.sections() for option in parser.items(name, raw=True)]
        what = "is built from other options by %(name)s"
        joined = [(name, key, what) for name, key, value in options if "%(" in value and key not in PATTERNS]
        refused = joined[:1] or [
            (name, *why) for name in parser.sections() for why in _refused(name, parser[name], output)
        ]
    except (OSError, UnicodeDecodeError, Error) as error:
        report.say(Issue(str(path), None, "", f"cannot be read: {error}", "correct it, or remove it"))
        return
    for name, key, what in refused:
        report.say(Issue(str(path), _line(text, name, key), f"{name}#{key}", what, ALLOW, "security"))


def _refused(section: str, given: Mapping[str, str], output: str) -> list[tuple[str, str]]:
    """Return the refused options of a section, with the reason."""
    if section.startswith("formatter") and not section.startswith("handler"):
        plain = given.get("class", "logging.Formatter") == "logging.Formatter"
        wrong = [] if plain else [("class", f"the class {given['class']} is not logging.Formatter")]
        return wrong + [("defaults", "defaults are evaluated")] * ("defaults" in given)
    kind = given.get("class", "StreamHandler")
    if kind not in (*STREAM_HANDLERS, *FILE_HANDLERS):
        return [("class", f"the class {kind} is not one of the plain handlers")]
    key = next((each for each in ("args", "kwargs", "class") if each in given), "class")
    try:
        args = _literal(given.get("args", "()"))
        kwargs = _literal(given.get("kwargs", "{}"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [(key, f"args or kwargs are more than plain values: {given.get('args', '')[:80]}")]
    values = [*args, *kwargs.values()] if isinstance(args, tuple) and isinstance(kwargs, dict) else [kind]
    if kind in STREAM_HANDLERS:
        plain = all(each in STREAMS for each in values)
        return [] if plain else [(key, "a stream handler takes sys.stdout or sys.stderr only")]
    name = PurePosixPath(str(values[0]) if len(values) == 1 else "")
    below = PurePosixPath(output) in name.parents and ".." not in name.parts and name.suffix == ".log"
    return [] if below else [(key, f"a file handler may append to a .log file below {output}/ only")]


def _literal(text: str) -> object:
    """Return the value of a literal, which may contain the standard streams."""
    return ast.literal_eval(re.sub(r"\b(sys\.std(?:out|err))\b", r"'\1'", text.strip()))


def _line(text: str, section: str, key: str) -> int | None:
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().startswith("["):
            inside = line.strip() == f"[{section}]"
        elif inside and line.partition("=")[0].partition(":")[0].strip().lower() == key:
            return number
    return None
