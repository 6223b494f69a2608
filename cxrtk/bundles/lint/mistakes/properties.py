"""Ids required by MONAI, read from its own table, and misspellings of them."""

from __future__ import annotations

import ast
from difflib import get_close_matches
from functools import cache

from cxrtk.bundles.lint.issue import Report
from cxrtk.bundles.lint.modules import Modules
from cxrtk.bundles.lint.symbols import text_of
from cxrtk.bundles.lint.tree import Node, get, join

# Ids used elsewhere in MONAI by name: by experiment tracking, the bundle API and MONAI Label.
OTHERS = (
    "displayable_configs", "experiment_name", "imports", "is_not_rank0", "output_dir", "run_name",
    "save_execute_config", "tracking_uri",
)  # fmt: skip


@cache
def properties() -> dict[str, dict[str, str]]:
    """Read the ids by class (as ``TrainProperties``) and property from ``monai/bundle/properties.py``."""
    module = Modules().find("monai.bundle.properties")
    tables: dict[str, dict[str, str]] = {}
    if module is None or module.file is None:
        return tables
    for statement in ast.parse(text_of(module.file)).body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Dict):
            continue
        (target,) = statement.targets
        rows = {}
        for key, row in zip(statement.value.keys, statement.value.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(row, ast.Dict):
                rows[str(key.value)] = _id(row)
        tables[ast.unparse(target)] = rows
    return tables


def known_names() -> set[str]:
    """Return the top-level keys that MONAI reads without a reference."""
    ids = [id for rows in properties().values() for id in rows.values()]
    return {id.partition("#")[0] for id in ids} | set(OTHERS)


def check_properties(root: Node, report: Report) -> None:
    """Report ids that resemble those of MONAI's training properties."""
    if "train" not in root.mapping:
        return  # bundles with a flat layout do not use such ids
    rows = properties().get("TrainProperties", {})
    sections = {id.partition("#")[0] for id in rows.values() if "#" in id}
    for name, id in rows.items():
        if get(root, id) is not None or "#" not in id or id.count("#") > 1:
            continue
        section, last = id.split("#")
        for wrong in _places(root, section, name, last, sections):
            node = get(root, wrong)
            if node is not None:
                report.add(node, wrong, f"MONAI looks for {id}", f"call it {id}")


def _places(root: Node, section: str, name: str, last: str, sections: set[str]) -> list[str]:
    """Find wrong locations of a property: at the top level, under its full name, in a misspelt section."""
    places = [join(section, name)] if name != last else []
    if name in ("trainer", "train_dataset", "train_inferer", "val_dataset", "val_inferer"):
        places.append(name)
    if section not in root.mapping:
        others = [key for key, node in root.mapping.items() if last in node.mapping and not node.is_component]
        near = get_close_matches(section, [key for key in others if key not in sections], n=1, cutoff=0.6)
        places += [join(key, last) for key in near]
    return places


def _id(row: ast.Dict) -> str:
    for key, value in zip(row.keys, row.values, strict=True):
        if key is not None and ast.unparse(key) == "BundlePropertyConfig.ID":
            return _text(value).replace("::", "#")
    return ""


def _text(value: ast.expr) -> str:
    """Return the value of a string, or of an f-string with the separator as its only field."""
    if isinstance(value, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "#" for each in value.values)
    return str(value.value) if isinstance(value, ast.Constant) else ""
