"""References between ids: ``@id``, ``%macro`` and relative ones; unresolved and circular references."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from cxrtk.bundles.lint.issue import Report, did_you_mean
from cxrtk.bundles.lint.tree import MOST_VALUES, Node, children, get, join, walk, weight

LONGEST = 256  # maximum length of a file name
_REF = re.compile(r"@\w*(?:#\w*)*")
_RELATIVE = re.compile(r"[@%]#+")
_FILE = re.compile(r"(.*\.(?:json|yaml|yml))(?:#(.*))?$", re.IGNORECASE | re.DOTALL)


def refs(text: str) -> list[str]:
    """Return the ids referenced by a string: all in an expression, or else that of a single reference.

    >>> refs("$@train::dataset.data + @a#0"), refs("@a"), refs("me@example.org")
    (['train#dataset', 'a#0'], ['a'], [])
    """
    text = text.replace("::", "#")
    found: list[str] = _REF.findall(text)
    return [each[1:] for each in found if (text.startswith("$") or each == text) and each != "@"]


def literal(root: Node, node: Node | None) -> object:
    """Resolve references to a plain value; an unresolvable reference is returned as is."""
    for _ in range(20):
        if node is None or not isinstance(node.value, str) or not node.value.startswith("@"):
            break
        (ref, *others) = refs(node.value) or [""]
        target = get(root, ref) if ref and not others else None
        if target is None or isinstance(target.value, (dict, list)):
            break
        node = target
    return None if node is None else node.value


def resolve_relative(root: Node, report: Report) -> None:
    """Replace ``@#A`` (same level), ``@##A`` (one level up) and so on by absolute ids, in place."""
    for id, node in walk(root):
        if not isinstance(node.value, str) or not _RELATIVE.search(node.value.replace("::", "#")):
            continue
        text = node.value.replace("::", "#")
        levels = id.split("#")
        for prefix in sorted(set(_RELATIVE.findall(text)), reverse=True):
            up = len(prefix) - 1
            if up > len(levels):
                report.add(node, id, f"{prefix} goes above the top level of the config", "leave out a #")
                return
            above = "".join(f"{each}#" for each in levels[:-up])
            text = text.replace(prefix, prefix[0] + above)
        node.value = text


def split_macro(text: str) -> tuple[str, str]:
    """Split ``"%other.json#a#b"`` to ``("other.json", "a#b")``, and ``"%a#b"`` to ``("", "a#b")``."""
    text = text[1:].replace("::", "#")
    match = _FILE.match(text)
    return (match.group(1), match.group(2) or "") if match else ("", text)


def expand_macros(root: Node, read: Callable[[Path], Node | None], report: Report) -> bool:
    """Replace each ``%macro`` by its content; the nodes are shared, not copied.

    Returns:
        Whether the config is small enough to be checked; otherwise this is reported.
    """
    walked = 0
    for id, node in walk(root):
        if walked > MOST_VALUES:
            break
        if not isinstance(node.value, str) or not node.value.startswith("%"):
            continue
        text = node.value
        file, target = split_macro(text)
        if file and (len(file) > LONGEST or not Path(file).is_file()):
            what = f"the macro {text} names a file that is not there"
            report.add(node, id, what, f"relative names begin at the working directory, {Path.cwd()}")
            continue
        source = read(Path(file)) if file else root
        found = None if source is None else get(source, target)
        if source is None:
            continue  # already reported while parsing
        if found is None:
            known = [each for each, _ in walk(source)]
            report.add(
                node, id, f"{text} refers to an undefined id", did_you_mean(target, known, "define that id")
            )
        elif isinstance(found.value, str) and found.value.startswith("%"):
            what = f"{text} leads to a macro, which MONAI does not follow"
            report.add(node, id, what, f"write {found.value} here")
        elif (walked := walked + sum(1 for _ in walk(found))) and _holds(found, node):
            report.add(node, id, f"{text} contains itself", "name another id")
        else:
            node.macro, node.value = text, found.value
    if walked > MOST_VALUES or weight(root, _inner) > MOST_VALUES:
        what = f"holds more than {MOST_VALUES:,} values, with its macros written out"
        report.add(root, "", what, "write a smaller config, with fewer macros")
        return False
    return True


def _inner(node: Node) -> list[Node]:
    return [child for _, child in children(node)]


def check_references(root: Node, report: Report) -> set[str]:
    """Report unresolved and circular references; return the missing ids."""
    known = [each for each, _ in walk(root) if each]
    missing: set[str] = set()
    for id, node in walk(root):
        if not isinstance(node.value, str):
            continue
        for ref in refs(node.value):
            if get(root, ref) is None:
                missing.add(ref)
                near = did_you_mean(
                    ref, [each for each in known if each != id], "define that id, or remove the reference"
                )
                report.add(node, id, f"@{ref} refers to an undefined id", near)
        if node.is_expression and "@" in _REF.findall(node.value.replace("::", "#")):
            report.add(
                node,
                id,
                "@ alone refers to the whole config, which is circular",
                "write @id; torch.matmul for @",
            )
        _check_text(root, id, node, report)
    _check_circles(root, report)
    return missing


def _check_text(root: Node, id: str, node: Node, report: Report) -> None:
    """Report a string that starts with a reference but continues, which MONAI treats as plain text."""
    text = node.value.replace("::", "#")
    match = _REF.match(text)
    if match and match.group() not in ("@", text) and get(root, match.group()[1:]) is not None:
        what = f"begins with {match.group()} and continues, so MONAI treats it as text"
        report.add(node, id, what, "put a $ in front to have it evaluated")


def _check_circles(root: Node, report: Report) -> None:
    """Find cycles in the dependencies of each id."""
    state: dict[str, int] = {}  # 1 in progress, 2 done
    for start, _ in walk(root):
        if state.get(start) or not start:
            continue
        path: list[tuple[str, Iterator[str]]] = [(start, _needs(root, start))]
        state[start] = 1
        while path:
            at, needs = path[-1]
            need = next(needs, None)
            if need is None:
                state[at] = 2
                path.pop()
            elif state.get(need) == 1:
                circle = [each for each, _ in path]
                circle = [*circle[circle.index(need) :], need]
                node = get(root, at)
                assert node is not None
                what = "circular references: " + " -> ".join(circle)
                report.add(node, at, what, "break it at one of these")
            elif need not in state:
                state[need] = 1
                path.append((need, _needs(root, need)))


def _needs(root: Node, id: str) -> Iterator[str]:
    """Yield the dependencies of an id: its references, and the components and expressions inside it."""
    top = get(root, id)
    if top is None:
        return
    waiting = [(id, top)]
    seen: set[str] = set()
    while waiting:
        at, node = waiting.pop()
        if isinstance(node.value, str):
            for ref in refs(node.value):
                if ref not in seen:
                    seen.add(ref)
                    yield ref
        for key, child in children(node):
            here = join(at, key)
            if child.is_component or child.is_expression:
                yield here  # its own dependencies follow when it is visited
            else:
                waiting.append((here, child))


def _holds(tree: Node, node: Node) -> bool:
    return any(each is node for _, each in walk(tree))
