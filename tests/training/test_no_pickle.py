"""Nothing in the package reads a file in a way that could run what is in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNSAFE = re.compile(
    r"weights_only\s*=\s*False|\bpickle\.loads?\((?!pickle\.dumps)|\bUnpickler\b|allow_pickle\s*=\s*True|\btorch\.jit\.load\b"
    r"|\byaml\.(unsafe_)?load\(|\btorch\.load\((?!.*weights_only=True)"
)
# Reads back what it has just written, to compare it before it appears; TorchScript has no other way.
WRITTEN_BEFORE = {"cxrtk/models/formats/torchscript_file.py": ["torch.jit.load"]}
SOURCES = [path for folder in ("cxrtk", "plugins") for path in sorted((ROOT / folder).rglob("*.py"))]


def unsafe(text: str) -> list[str]:
    return [match[0] for match in UNSAFE.finditer(text)]


def test_no_file_is_read_in_an_unsafe_way():
    """This holds for the package and its plugins."""
    assert len(SOURCES) > 50
    found = {str(path.relative_to(ROOT)): unsafe(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {path: words for path, words in found.items() if words} == WRITTEN_BEFORE


@pytest.mark.parametrize(
    "text",
    [
        "torch.load(path, weights_only=False)",
        "torch.load(path)",
        "pickle.load(file)",
        "pickle.loads(content)",
        "np.load(path, allow_pickle = True)",
        "torch.jit.load(path)",
        "yaml.load(text)",
    ],
)
def test_the_check_sees_it(text):
    """Each of the ways that would run code."""
    assert unsafe(text)


def test_the_check_passes_what_is_safe():
    """The one way in which the package loads, and a copy made by pickle."""
    assert unsafe("torch.load(io.BytesIO(content), map_location=where, weights_only=True)") == []
    assert unsafe("pickle.loads(pickle.dumps(reader))") == []
