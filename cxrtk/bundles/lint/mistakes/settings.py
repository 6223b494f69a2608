"""Checks of settings by the rules of training, and of the image size by the network plugin's constants."""

from __future__ import annotations

import ast
from typing import Any

from cxrtk.bundles.lint.issue import Report
from cxrtk.bundles.lint.modules import Modules
from cxrtk.bundles.lint.plugins import plugin_files
from cxrtk.bundles.lint.symbols import Value, table
from cxrtk.bundles.lint.tree import Node, get
from cxrtk.training.setting_rules import misfits, plain, size_misfit


def check_settings(root: Node, modules: Modules, report: Report) -> None:
    """Report settings that prevent any training; see `cxrtk.training.setting_rules`."""
    config = plain_values(root)
    for each in misfits(config):
        node = get(root, each.id) or root
        # A string in place of a number is reported at the position of the number.
        if not isinstance(node.value, str) or each.id == "device":
            report.add(node, each.id, each.what, each.cure)
    _check_size(root, config, modules, report)


def plain_values(root: Node) -> Any:
    """Convert a tree to plain values; values shared by several ids stay shared."""
    known: dict[int, Any] = {}
    waiting = [root]
    while waiting:
        at = waiting[-1]
        inner = list(at.value.values()) if isinstance(at.value, dict) else at.value
        inner = inner if isinstance(inner, list) else []
        if id(at) not in known:
            known[id(at)] = (
                {} if isinstance(at.value, dict) else [] if isinstance(at.value, list) else at.value
            )
            waiting += [each for each in inner if id(each) not in known]
            continue
        waiting.pop()
        if isinstance(at.value, dict):
            known[id(at)].update({key: known[id(each)] for key, each in at.value.items()})
        elif isinstance(at.value, list):
            known[id(at)][:] = [known[id(each)] for each in at.value]
    return known[id(root)]


def _check_size(root: Node, config: Any, modules: Modules, report: Report) -> None:
    """Check the image size against ``DIVISOR`` and ``SMALLEST``, numbers at the top of a plugin's file."""
    network, size = config.get("network_def"), plain(config, "image_size")
    if not isinstance(network, dict) or network.get("_target_") != "cxrtk.networks.create":
        return
    file = plugin_files("networks", modules).get(str(network.get("name")))
    if file is None or not isinstance(size, int) or isinstance(size, bool) or size < 1:
        return
    names = table(file, "").names
    divisor, smallest = _number(names.get("DIVISOR")), _number(names.get("SMALLEST"))
    if size % divisor or size < smallest:
        misfit = size_misfit(size, divisor, smallest)
        report.add(get(root, "image_size") or root, "image_size", misfit.what, misfit.cure)


def _number(binding: object) -> int:
    """Return the value of an assignment such as ``NAME = 16``; 1 if there is none."""
    expression = binding.expression if isinstance(binding, Value) else None
    value = expression.value if isinstance(expression, ast.Constant) else None
    return value if isinstance(value, int) and value > 0 else 1
