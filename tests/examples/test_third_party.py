"""The third party's distribution, really installed by pip beside cxrtk."""

import json
import shutil
import sys
from pathlib import Path

import pytest

import cxrtk

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "third_party"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder that pip installed the example into; from a copy, since a build leaves files behind."""
    import subprocess

    folder = tmp_path_factory.mktemp("third_party")
    source = shutil.copytree(EXAMPLE, folder / "source")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    offline = ["--no-deps", "--no-build-isolation", "--target", str(folder / "site"), str(source)]
    ended = subprocess.run([*pip, *offline], capture_output=True, text=True, timeout=240)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return folder / "site"


def test_the_wheel_holds_the_plugin(site):
    """The file and the entry point are installed."""
    assert (site / "acme_cxr" / "plugins" / "networks" / "acme_net.py").is_file()
    (entry_points,) = site.glob("acme_cxr-1.0.0.dist-info/entry_points.txt")
    assert entry_points.read_text().split() == ["[cxrtk.plugins]", "acme", "=", "acme_cxr.plugins"]


def test_it_is_listed_by_its_distribution(fresh_python, site):
    """`cxrtk plugins` shows it beside ours, with where it comes from."""
    ended = fresh_python("-m", "cxrtk", "plugins", "--kind", "networks", "--json", "--check", PYTHONPATH=site)
    assert ended.code == 0, ended.err
    rows = {row["name"]: row for row in json.loads(ended.out)}
    assert (rows["acme_net"]["origin"], rows["acme_net"]["state"]) == ("acme", "ok")
    assert rows["acme_net"]["file"] == str(site / "acme_cxr" / "plugins" / "networks" / "acme_net.py")
    assert rows["paper_unet"]["origin"] == "cxrtk"


@pytest.mark.slow
def test_it_passes_its_contract(fresh_python, site, tmp_path):
    """The suite that cxrtk ships passes on it, in a process that knows it only as installed."""
    (tmp_path / "test_acme.py").write_text(
        "from cxrtk.testing import NetworkContract\n\n\n"
        "class TestAcmeNet(NetworkContract):\n    plugin = 'acme_net'\n"
    )
    ended = fresh_python(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_acme.py", PYTHONPATH=site, OMP_NUM_THREADS=1
    )
    assert ended.code == 0, ended.out


def test_the_same_file_works_dropped_in(fresh_python):
    """A plugin's file needs no change to move between an installed and a local folder."""
    code = "from cxrtk import networks; print(networks.create('acme_net', in_channels=5)[0].in_channels)"
    ended = fresh_python("-c", code, CXRTK_PLUGINS=EXAMPLE / "acme_cxr" / "plugins")
    assert (ended.code, ended.out.strip()) == (0, "5"), ended.err


def test_the_checkout_stays_clean():
    """Nothing was built in the repository."""
    assert not list(EXAMPLE.rglob("*.egg-info")) and not (EXAMPLE / "build").exists()
    assert cxrtk.__version__
