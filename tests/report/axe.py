"""The rules of axe-core (WCAG 2 A and AA, best practices), asked of the page that is open in the browser."""

import os
from pathlib import Path

from tests.conftest import lacking


def broken_rules(page):
    """[(name of the rule, the first element that breaks it)]; without an axe.min.js see `lacking`."""
    axe = os.environ.get("CXRTK_AXE")
    if not axe:
        lacking("CXRTK_AXE names no axe.min.js (npm pack axe-core)")
    page.execute_cdp_cmd("Runtime.evaluate", {"expression": Path(axe).read_text(encoding="utf-8")})
    found = page.execute_async_script("axe.run().then(arguments[0])")
    assert len(found["passes"]) > 20  # it ran, on a page with something in it
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]]
