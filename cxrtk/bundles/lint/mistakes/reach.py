"""Unused top-level keys: MONAI ignores a misspelt key without a message."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from cxrtk.bundles.lint.evaluated import parse_import
from cxrtk.bundles.lint.issue import COMMAND_LINE, Report, did_you_mean
from cxrtk.bundles.lint.mistakes.properties import known_names
from cxrtk.bundles.lint.references import refs, split_macro
from cxrtk.bundles.lint.tree import Node, get, walk

ENTRIES = {"initialize": "init_id", "run": "run_id", "finalize": "final_id"}


def entries(root: Node, overrides: Mapping[str, object]) -> set[str]:
    """Return the ids at which a run starts: the three defaults, or replacements by the command line."""
    named = {str(overrides.get(option, name)) for name, option in ENTRIES.items()}
    return {key for key, node in root.mapping.items() if key in named or _runs(node)}


def _may_be_run(key: str, node: Node) -> bool:
    """Return whether a key is a list of expressions that ``run_id`` may name, and not a misspelt key."""
    near = difflib.get_close_matches(key, [each for each in ENTRIES if each != key], n=1, cutoff=0.8)
    steps = node.value if isinstance(node.value, list) else []
    return bool(steps) and all(each.is_expression for each in steps) and not near


def _runs(node: Node) -> bool:
    """Return whether the expressions of a key start a run: older bundles use ``training`` and so on."""
    values = [node, *(node.value if isinstance(node.value, list) else [])]
    return any(each.is_expression and ".run()" in each.value for each in values)


def reachable(root: Node, starts: Iterable[str]) -> set[str]:
    """Return the top-level keys that are reachable, directly or through references."""
    names = known_names()
    waiting = [key for key in root.mapping if key.startswith("_") or key in names or key in set(starts)]
    waiting += [key for key, node in root.mapping.items() if _may_be_run(key, node)]
    waiting += [key for key, node in root.mapping.items() if _imports(node)]
    reached: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in reached or key not in root.mapping:
            continue
        reached.add(key)
        waiting += mentions(root.mapping[key])
    return reached


def mentions(tree: Node) -> set[str]:
    """Return the top-level keys that are referenced in a part of a config."""
    found: set[str] = set()
    for _, node in walk(tree):
        if isinstance(node.value, str):
            found |= {ref.partition("#")[0] for ref in refs(node.value)}
        macro = node.macro or (node.value if isinstance(node.value, str) else "")
        if macro.startswith("%"):
            file, target = split_macro(macro)
            found |= set() if file else {target.partition("#")[0]}
    return found


def check_entries(root: Node, starts: Iterable[str], overrides: Mapping[str, object], report: Report) -> bool:
    """Return whether the config has an entry point; reports an issue if not."""
    wanted = str(overrides.get("run_id", "run"))
    runs = [
        key for key in starts if key == wanted or ("run_id" not in overrides and _runs(root.mapping[key]))
    ]
    if not runs:
        what = f"there is no id {wanted!r}, so there is nothing to run"
        cure = "name first the config that this one overrides, as in: cxrtk lint unet_cxr human_masks"
        report.add(root, wanted, what, cure)
    return bool(runs)


def check_reach(root: Node, reached: set[str], missing: set[str], report: Report) -> None:
    """Report unused top-level keys; `missing` are ids with references that do not resolve."""
    for key, node in root.mapping.items():
        if key in reached:
            continue
        known = [each for each in {*root.mapping, *(id.partition("#")[0] for id in missing)} if each != key]
        known += [each for each in known_names() if each not in known]
        known = [each for each in known if each in reached or each not in root.mapping]
        if node.file == COMMAND_LINE:
            what, otherwise = "the config has no such id, and nothing refers to it", "remove it"
        else:
            what = "nothing refers to it, so it changes nothing"
            otherwise = f"remove it, refer to it as @{key}, or let its name begin with _"
        report.add(node, key, what, did_you_mean(key, known, otherwise))


def check_new(root: Node, before: Node, overrides: Mapping[str, object], report: Report) -> None:
    """Report overrides that add nested ids which are neither component arguments nor referenced."""
    asked = {ref for _, node in walk(root) if isinstance(node.value, str) for ref in refs(node.value)}
    for option in overrides:
        id = option.replace("::", "#")
        parent, _, key = id.rpartition("#")
        if not parent or get(before, id) is not None:
            continue
        above, node = get(root, parent), get(root, id)
        inside = _inside_component(root, parent)
        if (
            above is None
            or node is None
            or inside
            or any(each == id or id.startswith(f"{each}#") for each in asked)
        ):
            continue
        cure = did_you_mean(key, [each for each in above.mapping if each != key], "remove it")
        report.add(node, id, "the config has no such id, and nothing refers to it", cure)


def _inside_component(root: Node, id: str) -> bool:
    parts = id.split("#")
    above = (get(root, "#".join(parts[: index + 1])) for index in range(len(parts)))
    return any(each is not None and each.is_component for each in above)


def _imports(node: Node) -> bool:
    return any(
        each.is_expression and parse_import(each.value) is not None
        for _, each in walk(node)
        if each.is_expression
    )
