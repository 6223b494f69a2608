"""Templates -> one page, which a browser lets load nothing and run nothing but what is in it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, context: Mapping[str, Any]) -> str:
    """A page from one of the templates that extend ``base.html``.

    All that is put in is escaped. The page states, as its content security policy, that it loads nothing,
    and runs and is styled by nothing but what stands in its head, whose digests the policy names.

    Args:
        template: Its file name.
        context: What it names.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"file": _file, "digest": _digest}
    return environment.get_template(template).render(context) + "\n"


def _file(name: str) -> Markup:
    """A style sheet or script of this package, which is no stranger's text and is not escaped."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _digest(text: str) -> str:
    """How a content security policy names an inline script or style."""
    found = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(found).decode('ascii')}"
