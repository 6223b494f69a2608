"""Modules of cxrtk copied into a bundle: all that is imported, under another name."""

import pytest

from cxrtk.bundles.zoo.exact import MODULE
from cxrtk.bundles.zoo.steps import closure, copy_steps, imported, renamed

FOREIGN = """
import sys
sys.path.insert(0, ".")

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("cxrtk", "cxrtk_plugins"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Refuse())
from scripts.cxrtk_steps.data.pixels.sources import read
from scripts.cxrtk_steps.models.views import prepare
from pydicom.data import get_testdata_file
pixels = read(get_testdata_file("RG1_UNCI.dcm", download=False)).pixels
print(pixels.shape, tuple(prepare(pixels, 64).shape), sorted(m for m in sys.modules if m.startswith("cxrtk")))
"""


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("import numpy", set()),
        ("import cxrtk.errors", {"cxrtk.errors"}),
        ("def f():\n    from cxrtk.models.views import MOVE", {"cxrtk.models.views"}),
        ("from cxrtk.api import Radiograph", {"cxrtk.api", "cxrtk.api.radiograph"}),
        ("from cxrtk.data import pixels as formats\nformats.read_nifti(0)", {"cxrtk.data.pixels.nifti"}),
        ("from cxrtk import networks", {"cxrtk.registry"}),
    ],
)
def test_what_a_text_imports(text, modules):
    """In functions too, and what a lazy package takes from its modules."""
    found = set(imported(text))
    assert modules <= found and (bool(modules) or not found)


def test_the_closure_is_complete_and_small():
    """All that reads DICOM and cuts masks; neither training nor command line."""
    names = set(closure([MODULE]))
    assert {"cxrtk", "cxrtk.data.pixels.dicom.luts", "cxrtk.models.components", MODULE} <= names
    assert not any(name.startswith(("cxrtk.training", "cxrtk.cli", "cxrtk.passes")) for name in names)


def test_imports_are_renamed_and_nothing_else():
    """A name in a text or a comment stays."""
    text = "from cxrtk.api import X\n    import cxrtk.errors\n"
    text += "name = 'from cxrtk'  # cxrtk\nfrom cxrtkx import y\n"
    assert renamed(text) == (
        "from scripts.cxrtk_steps.api import X\n    import scripts.cxrtk_steps.errors\n"
        "name = 'from cxrtk'  # cxrtk\nfrom cxrtkx import y\n"
    )


def test_the_copy_runs_where_cxrtk_cannot_be_imported(fresh_python, tmp_path):
    """It reads a DICOM file and prepares it, and no module of an installed cxrtk is loaded."""
    (tmp_path / "scripts").mkdir()
    copy_steps(["cxrtk.data.pixels.sources", "cxrtk.models.views"], tmp_path / "scripts")
    ended = fresh_python("-c", FOREIGN)
    assert (ended.out.strip(), ended.code) == ("(1955, 1841) (1, 64, 64) []", 0), ended.err
