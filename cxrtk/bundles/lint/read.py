"""Parsing of a config file to a tree; every failure is reported as an issue."""

from __future__ import annotations

from pathlib import Path

from cxrtk.bundles.lint.issue import Issue, Report
from cxrtk.bundles.lint.read_json import read_json
from cxrtk.bundles.lint.read_yaml import read_yaml
from cxrtk.bundles.lint.tree import Node

SUFFIXES = (".json", ".yaml", ".yml")
LARGEST = 2_000_000  # bytes
MAPPING = "a config is a mapping of ids to values: {...}"


def read(path: Path, report: Report) -> Node | None:
    """Parse a file; None if it is no config, which is reported."""
    file = str(path)
    try:
        text = _text(path)
        if path.suffix.lower() == ".json":
            tree = read_json(text, file, report)
        else:
            tree = read_yaml(text, file, report)
    except _NoConfigError as error:
        report.say(Issue(file, None, "", *error.args))
        return None
    except RecursionError:
        report.say(Issue(file, None, "", "is nested too deeply", "simplify it"))
        return None
    if tree is not None and not isinstance(tree.value, dict):
        what = "is empty" if tree.value is None else f"has a {type(tree.value).__name__} at its top level"
        report.say(Issue(file, tree.line, "", what, MAPPING))
        return None
    return tree


class _NoConfigError(Exception):
    """Description of an unusable file, and the suggested fix."""


def _text(path: Path) -> str:
    if path.suffix.lower() not in SUFFIXES:
        raise _NoConfigError("is not a config by its name", f"name a file that ends in {', '.join(SUFFIXES)}")
    if not path.is_file():
        what = (
            "no such file" if not path.exists() else "is a folder" if path.is_dir() else "is not a plain file"
        )
        raise _NoConfigError(what, "name a config file, or one that `cxrtk bundles` lists")
    try:
        if path.stat().st_size > LARGEST:
            raise _NoConfigError(
                f"is larger than {LARGEST // 1_000_000} MB", "keep lists of data in files of their own"
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _NoConfigError(f"cannot be read: {error}", "save it as UTF-8, readable by you") from error
    if not text.strip():
        raise _NoConfigError("is empty", MAPPING)
    return text
