"""Checks of components: existence and permission of each ``_target_``, and its arguments."""

from __future__ import annotations

from cxrtk.bundles.lint.issue import Report, did_you_mean
from cxrtk.bundles.lint.mistake import ALLOW
from cxrtk.bundles.lint.mistakes.annotations import refuses_text
from cxrtk.bundles.lint.mistakes.signature import Parameters, parameters
from cxrtk.bundles.lint.plugins import plugin, plugin_files
from cxrtk.bundles.lint.references import literal
from cxrtk.bundles.lint.resolve import Missing
from cxrtk.bundles.lint.security.components import refused_component
from cxrtk.bundles.lint.security.policy import REGISTRIES, Policy, Verdict
from cxrtk.bundles.lint.short_names import short_names
from cxrtk.bundles.lint.tree import Node, join

OWN_KEYS = ("_target_", "_requires_", "_disabled_", "_desc_", "_mode_")  # monai.bundle.ConfigComponent
MODES = ("default", "callable", "debug")  # monai.utils.enums.CompInitMode


def check_component(root: Node, id: str, node: Node, policy: Policy, report: Report) -> None:
    """Report the issues of one component."""
    target = node.mapping["_target_"]
    mode = literal(root, node.mapping.get("_mode_"))
    _check_modes(id, node, mode, report)
    if not isinstance(target.value, str):
        return report.add(target, id, "_target_ is not a string", "name a class or function")
    named = target.value[:1] not in ("$", "@", "%")
    verdict = policy.target(target.value) if named else Verdict(None)
    for key, what in refused_component(root, node, verdict, policy):
        report.add(node.mapping.get(key, target), join(id, key) if key else id, what, ALLOW, "security")
    if not named:
        return None
    name = target.value
    if literal(root, node.mapping.get("_disabled_")) in (True, "true", "True"):
        return None
    if isinstance(verdict.found, Missing):
        return _report_missing(id, target, verdict.found, report)
    if verdict.found is None:
        return None
    if verdict.found.module.name == "cxrtk.registry" and verdict.found.name in REGISTRIES:
        return _check_plugin(root, id, node, verdict.found.name, policy, report)
    taken = parameters(verdict.found, policy.resolver)
    if taken is not None:
        _check_arguments(root, id, node, name, taken, report, partly=mode == "callable")
    return None


def _check_plugin(root: Node, id: str, node: Node, kind: str, policy: Policy, report: Report) -> None:
    """Check ``cxrtk.<kind>.create``: the plugin that it names, and the arguments of that plugin."""
    named = node.mapping.get("name")
    if named is None:
        return report.add(
            node, id, f"{kind}.create needs a name", "name a plugin; `cxrtk plugins` lists them"
        )
    name = literal(root, named)
    files = plugin_files(kind, policy.resolver.modules)
    if not isinstance(name, str) or name.startswith("$"):
        return None
    if name not in files:
        cure = did_you_mean(name, files, f"available: {', '.join(sorted(files))}")
        return report.add(named, join(id, "name"), f"there is no {kind} plugin {name!r}", cure)
    found = plugin(kind, name, files[name])
    taken = parameters(found, policy.resolver) if found else None
    if taken is not None:
        taken.names["name"] = None
        _check_arguments(root, id, node, f"{kind} plugin {name!r}", taken, report)
    return None


def _check_arguments(
    root: Node, id: str, node: Node, name: str, taken: Parameters, report: Report, *, partly: bool = False
) -> None:
    """Report unknown arguments, missing arguments, and strings in place of numbers."""
    given = {key: value for key, value in node.mapping.items() if key not in OWN_KEYS}
    for key, value in given.items():
        if key in taken.names:
            wanted = refuses_text(taken.names[key])
            text = literal(root, value)
            if wanted and isinstance(text, str) and text[:1] not in ("$", "@", "%"):
                what = f"{name} takes {wanted} for {key!r}, not the text {text!r}"
                report.add(value, join(id, key), what, _as_number(text, wanted))
        elif not taken.open and key not in taken.extra:
            known = [*taken.names, *OWN_KEYS]
            listed = f"it takes: {', '.join(taken.names) or 'nothing'}"
            what = f"{name} takes no argument {key!r}"
            report.add(value, join(id, key), what, did_you_mean(key, known, listed))
    missing = [each for each in taken.required if each not in given and each not in taken.extra]
    if missing and not partly:
        report.add(node, id, f"{name} needs {', '.join(missing)}", f"add {missing[0]!r}")


def _check_modes(id: str, node: Node, mode: object, report: Report) -> None:
    if isinstance(mode, str) and mode[:1] not in ("$", "@", "%") and mode not in MODES:
        cure = did_you_mean(mode, MODES, f"it is one of: {', '.join(MODES)}")
        report.add(node.mapping["_mode_"], join(id, "_mode_"), f"there is no _mode_ {mode!r}", cure)


def _report_missing(id: str, target: Node, missing: Missing, report: Report) -> None:
    name = target.value
    if missing.where:
        what = f"_target_ {name}: {missing.where} has no {missing.name!r}"
        cure = did_you_mean(missing.name, missing.known, f"see what {missing.where} has")
    elif "." in name:
        what = f"_target_ {name}: there is no module {missing.name!r}"
        cure = did_you_mean(
            missing.name, ("monai", "torch", "ignite", "cxrtk"), "install it, or correct the name"
        )
    else:
        what = f"_target_ {name}: MONAI has no class or function with that name"
        cure = did_you_mean(name, short_names(), "write its full path, as torch.nn.ReLU")
    report.add(target, id, what, cure)


def _as_number(text: str, wanted: str) -> str:
    """Suggest a replacement for a string."""
    if "number" in wanted and "," in text:
        return f"write a list: [{text}]"
    try:
        float(text)
    except ValueError:
        return f"write {wanted}"
    return "leave out the quotes" if "e" not in text.lower() else "YAML needs a decimal point: 1.0e-4"
