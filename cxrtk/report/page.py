"""Rendering of templates as one page that loads and runs nothing but its own content."""

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
    """Render a template that extends ``base.html``.

    All values are escaped. The content security policy of the page forbids loading anything, and allows only
    the scripts and styles in its head, by their digests.

    Args:
        template: File name of the template.
        context: Variables of the template.
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
    """Read a style sheet or script of this package, which is trusted and not escaped."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _digest(text: str) -> str:
    """Return the source expression of an inline script or style for a content security policy."""
    found = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(found).decode('ascii')}"
