"""Hook of the site: files beside `docs/` that a page links to become pages below `repository/`.

So a link such as `../SECURITY.md` leads to the same text on the site as where the repository is read, and the
site needs no address of the repository. A notebook is shown with the outputs that it was stored with.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ("examples/notebooks/dicom_to_measures.ipynb", "examples/notebooks/train_and_compare.ipynb")
ALWAYS = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", *NOTEBOOKS)  # the navigation names them
FOLDER = "repository"
LINK = re.compile(r"(?<!!)\]\((?!\w+:|#|<)([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: Any) -> Files:
    """Add a page for each file beside `docs/` that is linked to, and for those that such a page links to."""
    todo = [Path(name) for name in ALWAYS]
    for page in files.documentation_pages():
        todo += [path for path in _targets(Path("docs", page.src_uri), page.content_string) if _beside(path)]
    done: set[Path] = set()
    while todo:
        path = todo.pop()
        if path not in done:
            done.add(path)
            text = _text(path)
            files.append(File.generated(config, _page(path).as_posix(), content=text))
            if path.suffix in (".md", ".ipynb"):
                todo += [each for each in _targets(path, text) if _beside(each)]
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Turn the links of a page that leave `docs/`, or come from beside it, into links of the site."""
    uri = Path(page.file.src_uri)
    inside = uri.parts[0] == FOLDER
    source = uri.relative_to(FOLDER) if inside else Path("docs", uri)

    def replaced(match: re.Match[str]) -> str:
        target = _resolve(source, match[1])
        if target is None or not (inside or _beside(target) or target.name == "README.md"):
            return match[0]
        link = os.path.relpath(_page(target), uri.parent)
        return f"]({Path(link).as_posix()}{match[2] or ''})"

    return LINK.sub(replaced, markdown)


def _targets(source: Path, markdown: str) -> list[Path]:
    """Return the files of the repository that a text links to."""
    found = (_resolve(source, match[1]) for match in LINK.finditer(markdown))
    return [path for path in found if path is not None]


def _resolve(source: Path, link: str) -> Path | None:
    """Return the file, from the root, that a link in `source` leads to; of a folder its README.md."""
    path = Path(os.path.normpath(ROOT / source.parent / link))
    path = path / "README.md" if path.is_dir() else path
    return path.relative_to(ROOT) if path.is_file() and path.is_relative_to(ROOT) else None


def _beside(path: Path) -> bool:
    return path.parts[0] != "docs"


def _page(path: Path) -> Path:
    """Return the page of the site, from `docs/`, that shows a file of the repository."""
    if not _beside(path):
        return path.relative_to("docs")
    return Path(FOLDER, path if path.suffix == ".md" else f"{path}.md")


def _text(path: Path) -> str:
    """Return a file as Markdown: a notebook converted, and all other files between fences."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    if path.suffix == ".ipynb":
        return _notebook(text)
    kind = {".py": "python", ".json": "json", ".toml": "toml"}.get(path.suffix, "text")
    return f"# {path.as_posix()}\n\n````{kind}\n{text.rstrip()}\n````\n"


def _notebook(text: str) -> str:
    """Return a notebook as Markdown; its pictures become part of the page, as data URIs."""
    import nbformat
    from nbconvert import MarkdownExporter

    body, resources = MarkdownExporter().from_notebook_node(nbformat.reads(text, as_version=4))
    for name, content in resources["outputs"].items():
        body = body.replace(f"({name})", f"(data:image/png;base64,{base64.b64encode(content).decode()})")
    return body
