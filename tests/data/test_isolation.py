"""A file that crashes, hangs or eats memory costs one file; all others are read as without isolation."""

import os
import time

import numpy as np
import pytest

from cxrtk import CxrReadError, DataError, readers
from cxrtk.data.isolation import IsolatedReader

HOSTILE = """
import os, time
import numpy as np
from cxrtk import CxrReadError, Radiograph, Reader, readers

@readers.register("hostile")
class Hostile(Reader):
    def __init__(self, root: str) -> None:
        self.root = root

    def items(self):
        return [{"image": f"{self.root}/good", "patient": "1"}]

    def read(self, path):
        kind = str(path).split("/")[-1]
        if kind == "abort":
            os.abort()
        if kind == "exit":
            os._exit(3)
        if kind == "hang":
            time.sleep(600)
        if kind == "memory":
            bytearray(10**10)
        if kind == "refused":
            raise CxrReadError(path, "is upside down", cure="turn it", tag="(0020,0020)", code="header")
        if kind == "bug":
            raise ZeroDivisionError("MRN123")
        if kind == "prints":
            os.write(1, b'{"shape": [1, 1]}\\n')
        pixels = np.linspace(0, 1, 60, dtype=np.float32).reshape(6, 10)
        return Radiograph(pixels, (0.2, 0.1), "detector", {"pid": os.getpid(), "list": [1, "a", None]})
"""


@pytest.fixture
def hostile(plugin_folder, tmp_path):
    """The reader above, isolated; a file may take half a second and 500 MB."""
    plugin_folder.write("readers", "hostile", HOSTILE)
    with IsolatedReader("hostile", {"root": str(tmp_path)}, timeout=0.5, memory_gb=0.5) as isolated:
        isolated.read("good")  # the worker has started
        yield isolated


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("abort", "crashed", r"abort: its decoder crashed \(SIGABRT\); look at it alone"),
        ("exit", "crashed", r"exit: its decoder crashed \(exit code 3\)"),
        ("hang", "timeout", r"hang: took longer than 0\.5 s"),
        ("memory", "too_large", r"memory: needs more memory than is allowed"),
        ("bug", "damaged", r"bug: cannot be decoded \(ZeroDivisionError\)"),
        ("refused", "header", r"refused: is upside down \[\(0020,0020\)\]; turn it"),
    ],
)
def test_a_bad_file_is_one_error_and_the_next_is_read(hostile, kind, code, said):
    """Within a second, and without a word of what the decoder said: it may quote a patient."""
    began = time.monotonic()
    with pytest.raises(CxrReadError, match=said) as caught:
        hostile.read(f"some/{kind}")
    assert time.monotonic() - began < 2.5
    assert caught.value.code == code and "MRN123" not in str(caught.value)
    assert hostile.read("good").pixels.shape == (6, 10)
    assert hostile.started == (2 if code in ("crashed", "timeout") else 1)


def test_what_a_decoder_prints_is_no_answer(hostile):
    """Not even where it looks like one."""
    assert hostile.read("prints").pixels.shape == (6, 10)


def test_everything_comes_through(hostile):
    """Pixels bit for bit, spacing, source, and what is said about the image; read in another process."""
    image = hostile.read("good")
    assert np.array_equal(image.pixels, np.linspace(0, 1, 60, dtype=np.float32).reshape(6, 10))
    assert (image.spacing_mm, image.spacing_source) == ((0.2, 0.1), "detector")
    assert image.meta["list"] == [1, "a", None] and image.meta["pid"] != os.getpid()


def test_the_worker_ends_with_the_with_statement(hostile):
    """No process is left over."""
    pid = hostile.read("good").meta["pid"]
    hostile.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_reader_that_cannot_be_made_there_is_an_error(hostile, monkeypatch):
    """One line that says so, not a wait for ever."""
    monkeypatch.delenv("CXRTK_PLUGINS")
    hostile.close()
    with pytest.raises(DataError, match=r"does not start .*can the reader 'hostile' be made"):
        hostile.read("good")


@pytest.mark.parametrize("limits", [{"timeout": 0}, {"memory_gb": -1}])
def test_limits_must_be_positive(hostile, limits):
    """A limit of nothing would refuse every file."""
    with pytest.raises(ValueError, match="must be positive"):
        IsolatedReader("hostile", {"root": "."}, **limits)


def test_real_files_are_read_as_without_it(cxrtk_data):
    """Every DICOM file of the data folder: the same pixels, spacing and decisions."""
    plain = readers.create("dicom", root=str(cxrtk_data / "dicom"))
    with IsolatedReader("dicom", {"root": str(cxrtk_data / "dicom")}) as isolated:
        for item in isolated.items():
            one, other = isolated.read(item["image"]), plain.read(item["image"])
            assert np.array_equal(one.pixels, other.pixels)
            assert (one.spacing_mm, one.spacing_source) == (other.spacing_mm, other.spacing_source)
            assert dict(one.meta) == dict(other.meta)
        assert isolated.started == 1
