"""Plugins: those of cxrtk are imported, those of others only listed."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module

from cxrtk.cli.diagnosis.finding import BROKEN, NOTE, OK, Finding
from cxrtk.discovery import KINDS, Source, find

OWN = "cxrtk"  # origin of the built-in ones


def examine() -> Iterator[Finding]:
    """Yield a line for each kind of the built-in plugins, and one for each plugin of others.

    A built-in plugin that cannot be imported, and a name that two files claim, have a line each.
    """
    for kind in KINDS:
        sources = sorted(find(kind, import_parents=False))
        own = [source for source in sources if source.origin == OWN]
        broken = [finding for source in own if (finding := _imported(kind, source)) is not None]
        yield from broken
        yield Finding(OK, kind, f"{len(own) - len(broken)} of cxrtk")
        yield from (_listed(kind, source) for source in sources if source.origin != OWN)
        for name, count in Counter(source.name for source in sources).items():
            if count > 1:
                yield Finding(BROKEN, f"{kind} {name}", f"{count} files have this name", "rename one")


def _imported(kind: str, source: Source) -> Finding | None:
    """Import a plugin of cxrtk; return a finding if it fails."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            import_module(source.module)
    except Exception as error:  # noqa: BLE001 - whatever the import may raise is the finding
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return Finding(BROKEN, f"{kind} {source.name}", reason, "pip install --force-reinstall cxrtk")
    return None


def _listed(kind: str, source: Source) -> Finding:
    return Finding(NOTE, f"{kind} {source.name}", f"of {source.origin}, not imported: {source.file}")
