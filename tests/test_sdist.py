"""The source distribution holds all that the tests need, and the metadata say what they must."""

import configparser
import re
import shutil
import subprocess
import sys
import tarfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.licenses import canonicalize_license_expression
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("cxrtk", "plugins", "bundles", "tests", "docs", "examples", "benchmarks", ".ci")
FILES = (
    *("setup.cfg", "pyproject.toml", "ruff.toml", "MANIFEST.in", "Makefile", "constraints.txt", ".gitignore"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "CITATION.cff"),
    *(".pre-commit-config.yaml", "mkdocs.yml"),
)

LEFT_OUT: set[str] = set()  # tracked files that the archive lacks on purpose
EGG_INFO = [
    "PKG-INFO",
    "SOURCES.txt",
    "dependency_links.txt",
    "entry_points.txt",
    "requires.txt",
    "top_level.txt",
]
WRITTEN = {"PKG-INFO", *(f"cxrtk.egg-info/{name}" for name in EGG_INFO)}  # by setuptools


def config() -> configparser.ConfigParser:
    """Of `setup.cfg`."""
    found = configparser.ConfigParser()
    found.read(ROOT / "setup.cfg", encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """An archive made of a copy of the sources, without a network: name -> content, below its top folder."""
    folder = tmp_path_factory.mktemp("sdist")
    source = folder / "source"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, source)
    build = f"from setuptools import build_meta; build_meta.build_sdist({str(folder)!r})"
    ended = subprocess.run(
        [sys.executable, "-c", build], cwd=source, capture_output=True, text=True, timeout=240
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    (path,) = folder.glob("cxrtk-*.tar.gz")
    with tarfile.open(path) as archive:
        return {
            each.name.partition("/")[2]: archive.extractfile(each).read()
            for each in archive.getmembers()
            if each.isfile()
        }


@pytest.mark.parametrize("folder", FOLDERS)
def test_it_holds_the_folder(sdist, folder):
    """Every file below it but compiled ones."""
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path)
    }
    assert files and files - sdist.keys() == set()


def test_it_holds_what_tests_and_makefile_name(sdist):
    """Beside the folders."""
    assert set(FILES) - sdist.keys() == set()


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the sources are no checkout")
def test_it_holds_every_tracked_file_and_no_other(sdist):
    """None is left out; besides them there is only what setuptools writes. Needs `git add` of new files."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True, timeout=60, check=True
    )
    tracked = {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}
    assert len(tracked) > 1000 and tracked - sdist.keys() == LEFT_OUT
    assert sdist.keys() - tracked == WRITTEN


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the sources are no checkout")
def test_no_tracked_file_is_a_link():
    """A link may point to what only one machine has, such as a virtual environment that lies elsewhere."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "--stage"], capture_output=True, text=True, timeout=60, check=True
    )
    assert [line for line in listed.stdout.splitlines() if line.startswith("120000")] == []


def test_plugins_are_found_from_its_folder(sdist, tmp_path):
    """What lies in the working directory hides the installed metadata, so it must name the entry points."""
    for name in sdist:
        if name.startswith("cxrtk.egg-info/"):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(sdist[name])
    code = "from importlib.metadata import entry_points as found\n"
    code += "print([each.value for each in found(group='cxrtk.plugins')])"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True
    )
    assert ended.stdout.strip() == "['cxrtk_plugins']"


def test_no_compiled_file_is_in_it(sdist):
    """They would be those of another Python."""
    assert [name for name in sdist if name.endswith((".pyc", ".pyo"))] == []


def test_the_metadata_name_all_licences(sdist):
    """By SPDX, that of the code and those of the weights; each licence file is named."""
    about = Parser().parsestr(sdist["PKG-INFO"].decode())
    expression = about["License-Expression"]
    assert canonicalize_license_expression(expression) == expression
    assert expression.split(" AND ")[0] == "Apache-2.0" and "LicenseRef-" in expression
    beside = {f"cxrtk/models/{path.name}" for path in (ROOT / "cxrtk" / "models").glob("*.LICENSE")}
    assert {"LICENSE", *beside} == set(about.get_all("License-File"))
    assert about["Author"] == "The cxrtk authors"
    assert not [each for each in about.get_all("Classifier") if each.startswith("License ::")]


def test_each_weight_is_under_a_licence_of_the_expression():
    """CC BY 4.0 is said by its name, another by a reference that names the model."""
    expression = config()["metadata"]["license_expression"]
    for path in (ROOT / "cxrtk" / "models").glob("*.LICENSE"):
        first = path.read_text(encoding="utf-8").split("\n")[0]
        assert {"CC BY 4.0": "CC-BY-4.0"}.get(first, f"LicenseRef-cxrtk-{path.stem}") in expression


def test_the_version_is_stated_once():
    """In `cxrtk/__init__.py`; the citation and `setup.cfg` do not repeat it."""
    assert config()["metadata"]["version"] == "attr: cxrtk.__version__"
    assert not re.search(r"^version:", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)


def test_the_citation_is_of_this_package():
    """With what a reader of the format requires."""
    yaml = pytest.importorskip("yaml")
    about = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert about["cff-version"] == "1.2.0" and about["title"].startswith("cxrtk")
    assert about["message"] and about["authors"] and about["license"] == "Apache-2.0"


def test_each_python_of_the_classifiers_is_tried():
    """By CI the lowest, by `make compat` the others; and no classifier is there twice."""
    classifiers = config()["metadata"]["classifiers"].split("\n")
    assert len(set(classifiers)) == len(classifiers)
    versions = re.findall(r"Programming Language :: Python :: (3\.\d+)", "\n".join(classifiers))
    tried = re.search(r"^COMPAT \?= (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert tried is not None and set(versions[1:]) <= set(tried[1].split())
    assert config()["options"]["python_requires"] == f">={versions[0]}"


def test_lower_bounds_are_pins():
    """`.ci/lower_bounds` prints each requirement of `setup.cfg` at its lower bound, and those of extras."""
    ended = subprocess.run(
        [sys.executable, ROOT / ".ci" / "lower_bounds", "jpeg"], capture_output=True, text=True, timeout=60
    )
    pins = dict(line.split("==") for line in ended.stdout.split())
    for text in (config()["options"]["install_requires"], config()["options.extras_require"]["jpeg"]):
        for line in text.split():
            requirement = Requirement(line)
            assert requirement.specifier.contains(pins[requirement.name])
