"""Check of the ``logging.conf`` beside a config, parts of which `logging.config` evaluates."""

from __future__ import annotations

import ast
from configparser import Error, RawConfigParser
from pathlib import Path

from cxrtk.bundles.lint.issue import Issue, Report
from cxrtk.bundles.lint.mistake import ALLOW

HANDLERS = {
    "FileHandler", "NullHandler", "StreamHandler", "handlers.RotatingFileHandler",
    "handlers.TimedRotatingFileHandler", "handlers.WatchedFileHandler", "logging.FileHandler",
    "logging.NullHandler", "logging.StreamHandler", "logging.handlers.RotatingFileHandler",
    "logging.handlers.TimedRotatingFileHandler", "logging.handlers.WatchedFileHandler",
}  # fmt: skip
FORMATTERS = {"Formatter", "logging.Formatter"}
STREAMS = ("sys.stderr", "sys.stdout")


def check_logging(path: Path, report: Report) -> None:
    """Report classes that are not plain handlers, and arguments that are not literals."""
    file = str(path)
    parser = RawConfigParser()
    try:
        text = path.read_text(encoding="utf-8")
        parser.read_string(text)
    except (OSError, UnicodeDecodeError, Error) as error:
        report.say(Issue(file, None, "", f"cannot be read: {error}", "mend it, or take it away"))
        return
    for section in parser.sections():
        for key, value in parser.items(section):
            what = ""
            if key == "class":
                known = FORMATTERS if section.startswith("formatter") else HANDLERS
                what = "" if value in known else f"the class {value} is not one of the plain handlers"
            elif key in ("args", "kwargs") and not _is_literal(value):
                what = f"{key} is more than plain values: {value}"
            if what:
                report.say(
                    Issue(file, _line(text, section, key), f"{section}#{key}", what, ALLOW, "security")
                )


def _is_literal(text: str) -> bool:
    """Whether a text contains only literals, tuples, dicts and the two standard streams."""
    plain = (ast.Constant, ast.Dict, ast.Expression, ast.List, ast.Load, ast.Tuple, ast.UnaryOp, ast.USub)
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Attribute):
            if ast.unparse(node) not in STREAMS:
                return False
        elif isinstance(node, plain):
            waiting += ast.iter_child_nodes(node)
        else:
            return False
    return True


def _line(text: str, section: str, key: str) -> int | None:
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().startswith("["):
            inside = line.strip() == f"[{section}]"
        elif inside and line.partition("=")[0].partition(":")[0].strip().lower() == key:
            return number
    return None
