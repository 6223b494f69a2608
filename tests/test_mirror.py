"""Tests mirror the source: ``cxrtk/a/b.py`` is tested by ``tests/a/test_b.py``, plugins likewise."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Folder -> modules that are tested under another name only. The list may only shrink: a new module comes with
# a test file of its own, and one that got its test file is taken out.
ALLOWED = {
    "cxrtk/bundles/lint": "checks evaluated modules plugins read references resolve short_names symbols",
    "cxrtk/bundles/lint/mistakes": "annotations properties reach targets",
    "cxrtk/bundles/lint/security": "allowed arguments imports policy surroundings",
    "cxrtk/cli": "app bar calibrate evaluated evaluation_tables found kinds matrix sanity tables",
    "cxrtk/data/check": "codes copies sheet unlisted",
    "cxrtk/data": "isolated_worker sealed",
    "cxrtk/data/phantom": (
        "airways anatomy body bones chest displace exposure frame girdle marks ribs shots spine tubes vessels"
    ),
    "cxrtk/data/pixels": "decode",
    "cxrtk/data/pixels/dicom": "decoding header parsing",
    "cxrtk/inference/classification": "tables",
    "cxrtk/inference/scoring": "data_set evaluating folds options record summed",
    "cxrtk/inference/segmentation": "derived writing",
    "cxrtk/report": (
        "compared document evaluated evaluated_tables formats masks page run sources "
        "summary tested_findings tested_run"
    ),
    "cxrtk/report/figures": "canvas overlays snapshots",
    "cxrtk/testing": "contract masks metrics networks writers",
    "plugins/masks": "mean_threshold median_threshold",
}


def mirror(module: Path) -> Path:
    """Of a module, from the checkout, where its test stands."""
    folders = module.parts[1:-1] if module.parts[0] == "cxrtk" else module.parts[:-1]
    return Path("tests", *folders, f"test_{module.name}")


@pytest.mark.parametrize(
    ("module", "test"),
    [
        ("cxrtk/registry.py", "tests/test_registry.py"),
        ("cxrtk/data/pixels/png.py", "tests/data/pixels/test_png.py"),
        ("plugins/masks/otsu.py", "tests/plugins/masks/test_otsu.py"),
    ],
)
def test_where_a_test_stands(module, test):
    """In the folder of the same name, plugins below their own."""
    assert mirror(Path(module)) == Path(test)


def test_no_module_more_is_without_its_test_file():
    """Packages' own files and the templates of `cxrtk new`, which its test runs, need none."""
    modules = [
        path.relative_to(ROOT)
        for package in ("cxrtk", "plugins")
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name not in ("__init__.py", "__main__.py") and path.parent.name != "templates"
    ]
    assert len(modules) > 300
    without = {module for module in modules if not (ROOT / mirror(module)).is_file()}
    allowed = {Path(folder, f"{name}.py") for folder, names in ALLOWED.items() for name in names.split()}
    assert without - allowed == set(), "write a test file for these"
    assert allowed - without == set(), "take these out of the list: they have a test file, or are gone"
