"""The documentation site: it builds without a warning, loses no page, and loads nothing from the web."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from tests.docs.site import hook

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = "examples/notebooks/train_and_compare.ipynb"
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
LINKS_ONLY = {"canonical", "next", "prev", "alternate"}  # of <link>: pages, not loaded


class Loads(HTMLParser):
    """Collect the addresses that a page loads when it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        address = found.get(LOADED.get(tag, ""))
        if address and not (tag == "link" and LINKS_ONLY & set((found.get("rel") or "").split())):
            self.addresses.append(address)


@pytest.fixture(scope="module")
def site(require_module, tmp_path_factory):
    """The site, built as `make site` builds it."""
    for name in ("mkdocs", "material", "mkdocstrings"):
        require_module(name, "docs")
    folder = tmp_path_factory.mktemp("site")
    ended = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=800,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_page_is_on_the_site_and_loads_nothing_from_elsewhere(site):
    """No font, script, style or picture comes from another server."""
    pages = {path.relative_to(site).with_suffix(".md") for path in site.rglob("*.html")}
    sources = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}
    assert {path.parent / "index.md" if path.name == "README.md" else path for path in sources} <= pages
    for path in site.rglob("*.html"):
        reader = Loads()
        reader.feed(path.read_text(encoding="utf-8"))
        assert reader.addresses and not [each for each in reader.addresses if urlsplit(each).netloc], path
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", path.read_text(encoding="utf-8")), path


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_notebooks_are_pages_with_their_pictures(site):
    """Each notebook below `examples/` is in the navigation, with its code, a table and its pictures."""
    front = (site / "index.html").read_text(encoding="utf-8")
    notebooks = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))
    assert len(notebooks) == 2
    for path in notebooks:
        page = site / "repository" / path.relative_to(ROOT).with_name(f"{path.name}.html")
        text = page.read_text(encoding="utf-8")
        assert page.relative_to(site).as_posix() in front
        assert text.count('src="data:image/png;base64,') >= 2 and "<table>" in text
        assert "import cxrtk" in re.sub(r"<[^>]+>", "", text)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_reference_has_every_verb_and_public_name(site):
    """By its heading; the names are those that the package lists."""
    import cxrtk
    from cxrtk.cli.verbs import VERBS

    verbs = (site / "reference" / "verbs.html").read_text(encoding="utf-8")
    assert [verb for verb in VERBS if not re.search(rf"<h3[^>]*>{verb}<", verbs)] == []
    names = (site / "reference" / "cxrtk.html").read_text(encoding="utf-8")
    modules = {name for name in cxrtk.__all__ if isinstance(getattr(cxrtk, name), type(cxrtk))}
    wanted = set(cxrtk.__all__) - modules - {"__version__"}
    assert wanted - set(re.findall(r'<h2 id="[\w.]*\.(\w+)"', names)) == set()


def test_each_setting_of_the_training_is_on_its_page():
    """The page has each id of `bundles/unet_cxr.json`, and the default of plain ones."""
    page = (ROOT / "docs" / "reference" / "bundle_ids.md").read_text(encoding="utf-8")
    config = json.loads((ROOT / "bundles" / "unet_cxr.json").read_text(encoding="utf-8"))
    for name, value in config.items():
        assert f"`{name}`" in page
        if isinstance(value, str | int | float) and not str(value).startswith("$"):
            default = "(empty)" if value == "" else f"`{value}`"
            assert f"| `{name}` | {default} |" in page


def test_each_shipped_config_is_on_the_page_of_ids():
    """By the name that `cxrtk bundles` lists."""
    page = (ROOT / "docs" / "reference" / "bundle_ids.md").read_text(encoding="utf-8")
    configs = {path.stem for path in (ROOT / "bundles").glob("*.json")} - {"metadata", "metadata_schema"}
    assert [name for name in sorted(configs) if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("lint.md", "../SECURITY.md", "repository/SECURITY.md"),
        ("how_to/a.md", "../../SECURITY.md", "../repository/SECURITY.md"),
        ("a.md", "../cxrtk/models/lungs.LICENSE", "repository/cxrtk/models/lungs.LICENSE.md"),
        ("start/a.md", f"../../{NOTEBOOK}", f"../repository/{NOTEBOOK}.md"),
        ("a.md", "quality.md#evaluation", "quality.md#evaluation"),
        ("architecture.md", "decisions", "decisions/README.md"),
        ("repository/SECURITY.md", "docs/dicom.md", "../dicom.md"),
        ("repository/CONTRIBUTING.md", "docs/decisions", "../decisions/README.md"),
        ("a.md", "https://monai.io", "https://monai.io"),
        ("a.md", "../nothing.md", "../nothing.md"),
    ],
)
def test_links_that_leave_the_folder(require_module, page, link, expected):
    """They lead to a page of the site with the text of the file; others stay, so that MkDocs sees faults."""
    require_module("mkdocs", "docs")
    about = SimpleNamespace(file=SimpleNamespace(src_uri=page))
    assert hook("repository").on_page_markdown(f"[x]({link})", page=about) == f"[x]({expected})"


def test_an_option_keeps_its_signs(require_module):
    """A help text is prose, in which no sign of Markdown means anything but backticks."""
    require_module("mkdocs", "docs")
    assert hook("verbs")._escaped("a_b [x] `c_d` <e>") == r"a\_b \[x\] `c_d` &lt;e&gt;"
