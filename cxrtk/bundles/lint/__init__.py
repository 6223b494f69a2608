"""Static analysis of bundle configs before MONAI runs them; evaluates nothing and imports no plugin.

This is not a sandbox: the security checks refuse what they do not recognise, so that an untrusted config can
be reviewed before it is run. A config that passes still runs with all permissions of the user.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from cxrtk.bundles.lint.checks import check_nodes
from cxrtk.bundles.lint.issue import COMMAND_LINE, Issue, Report, TooManyError
from cxrtk.bundles.lint.merge import merge, override
from cxrtk.bundles.lint.mistakes.properties import check_properties
from cxrtk.bundles.lint.mistakes.reach import check_entries, check_new, check_reach, entries, reachable
from cxrtk.bundles.lint.mistakes.settings import check_settings
from cxrtk.bundles.lint.mistakes.values import check_numbers
from cxrtk.bundles.lint.modules import Modules
from cxrtk.bundles.lint.read import read
from cxrtk.bundles.lint.references import check_references, expand_macros, resolve_relative
from cxrtk.bundles.lint.resolve import Resolver
from cxrtk.bundles.lint.security.logging_conf import check_logging
from cxrtk.bundles.lint.security.policy import Policy
from cxrtk.bundles.lint.security.surroundings import LOGGING, METADATA, bundle_root, check_shadows
from cxrtk.bundles.lint.tree import Node, build, copy, get

__all__ = ["Issue", "lint"]

# Arguments of ``monai.bundle run`` itself: those that name ids to run, and those that name further files.
RUN_IDS = ("final_id", "init_id", "run_id")
OPTIONS = {"args_file", "config_file", "logging_file", "meta_file", "properties_path", "tracking"}


def lint(
    files: Sequence[Path], overrides: Mapping[str, Any] | None = None, *, allow_code: bool = False
) -> list[Issue]:
    """Lint configs that are merged in order, as by ``--config_file "[a,b]"``.

    Args:
        files: Config files, JSON or YAML; later ones override earlier ones.
        overrides: Values by id, applied after all files, as by ``--id value`` on the command line.
        allow_code: Omit issues of kind ``security``.

    Returns:
        Issues in the order of files and lines; empty if there are none. Of very many, only the first ones.
    """
    report = Report(security=not allow_code)
    with contextlib.suppress(TooManyError):
        trees = [tree for tree in (read(path, report) for path in files) if tree is not None]
        if files and len(trees) == len(files):
            _lint(list(files), trees, dict(overrides or {}), report)
    return report.issues([*map(str, files), COMMAND_LINE])


def _lint(files: list[Path], trees: list[Node], overrides: dict[str, Any], report: Report) -> None:
    settings = {id: value for id, value in overrides.items() if id not in (*RUN_IDS, *OPTIONS)}
    for option in OPTIONS & overrides.keys():
        what = "is an option of `python -m monai.bundle run`, not an id"
        report.say(Issue(COMMAND_LINE, None, option, what, "leave it out, or give it to that command"))
    root = merge(trees, report)
    _add_metadata(files[0].parent / METADATA, root, report)
    before = copy(root)
    override(root, settings, report)
    resolve_relative(root, report)
    if not expand_macros(root, cache(lambda path: read(path, report)), report):
        return
    missing = check_references(root, report)

    policy = Policy(Resolver(Modules([bundle_root(files[0])])))
    check_nodes(root, policy, report)

    starts = entries(root, overrides)
    if check_entries(root, starts, overrides, report):
        check_reach(root, _reached(trees, root, starts, overrides), missing, report)
    check_new(root, before, settings, report)
    check_properties(root, report)
    check_numbers(trees, build(settings, COMMAND_LINE), report)
    check_settings(root, policy.resolver.modules, report)

    check_shadows(bundle_root(files[0]), report)
    if (files[0].parent / LOGGING).is_file():
        output = get(root, "output_dir")
        folder = output.value if output is not None and isinstance(output.value, str) else "runs"
        check_logging(files[0].parent / LOGGING, folder, report)


def _add_metadata(path: Path, root: Node, report: Report) -> None:
    """Add the metadata file beside the config, since MONAI evaluates its expressions too."""
    if path.is_file():
        tree = read(path, report)
        if tree is not None:
            root.value["_meta_"] = tree


def _reached(trees: list[Node], root: Node, starts: set[str], overrides: Mapping[str, Any]) -> set[str]:
    """Return the keys reachable with all or the first few files, as overlays may leave base parts unused."""
    reached = reachable(root, starts)
    for count in range(1, len(trees)):
        part = merge(trees[:count], Report())
        reached |= reachable(part, entries(part, overrides))
    return reached
