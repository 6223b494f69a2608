"""A file that crashes, hangs or eats memory costs one file; all others are read as without isolation."""

import os
import time

import numpy as np
import pytest
from PIL import Image

from cxrtk import ConfigError, CxrReadError, DataError, readers
from cxrtk.data.isolation import IsolatedReader

HOSTILE = """
import os, time
import numpy as np
from cxrtk import CxrReadError, Radiograph, Reader, readers

def mark(folder):
    '''Whether this is the first time.'''
    try:
        os.mkdir(folder + "/mark")
    except FileExistsError:
        return False
    return True

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
        if kind == "killed" or (kind == "killed_once" and mark(self.root)):
            os.kill(os.getpid(), 9)
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
        ("abort", "crashed", r"abort: its decoder crashed \(SIGABRT\); inspect it separately"),
        ("exit", "crashed", r"exit: its decoder crashed \(exit code 3\)"),
        (
            "killed",
            "crashed",
            r"killed: the process that read it was killed twice, perhaps for lack",
        ),
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
    assert hostile.started == {"killed": 3}.get(kind, 2 if code in ("crashed", "timeout") else 1)


def test_a_worker_that_somebody_else_kills_costs_no_file(hostile):
    """As the system does to one of the processes where memory is short: the file is read by the next."""
    assert hostile.read("killed_once").pixels.shape == (6, 10)
    assert hostile.started == 2


STARTS = {
    "import": (
        "echo 'ImportError: a.so: failed to map segment from shared object' >&2; exit 1",
        "exit code 1",
    ),
    "python": ("echo MemoryError >&2; exit 1", "exit code 1"),
    "openblas": (
        "echo 'OpenBLAS error: Memory allocation still failed after 10 retries' >&2; exit 1",
        "exit",
    ),
    "threads": ("echo 'pthread_create failed for thread 1 of 2' >&2; kill -11 $$", "SIGSEGV"),
    "killed": ("kill -9 $$", "SIGKILL"),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_worker_without_memory_blames_no_file(monkeypatch, tmp_path, name):
    """It dies before it was given one: a setting of the machine is at fault, and the message says so."""
    script, how = STARTS[name]
    monkeypatch.setattr("cxrtk.data.isolation.sys.executable", write_program(tmp_path / "python", script))
    with (
        IsolatedReader("files", {"root": "a.png"}) as isolated,
        pytest.raises(ConfigError, match=rf"reads images cannot work .*{how}.* Allow at least 0\.5 GB"),
    ):
        isolated.read("a.png")


def test_a_worker_that_dies_of_anything_else_says_of_what(monkeypatch, tmp_path):
    """The last line that it wrote."""
    program = write_program(tmp_path / "python", "echo 'first\nKeyError: 3' >&2; exit 1")
    monkeypatch.setattr("cxrtk.data.isolation.sys.executable", program)
    with (
        IsolatedReader("files", {"root": "a.png"}) as isolated,
        pytest.raises(DataError, match=r"does not start \(exit code 1\).*KeyError: 3$"),
    ):
        isolated.read("a.png")


def write_program(path, script):
    """A shell script that can be run."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


LIMITED = """
import resource, sys
from cxrtk.process import address_space
from cxrtk.data.isolation import IsolatedReader

with IsolatedReader("files", {"root": sys.argv[1]}, memory_gb=float(sys.argv[3])) as isolated:
    limit = int(sys.argv[2]) * 10**6 + (address_space.used() if sys.argv[4:] else 0)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        print(isolated.read(sys.argv[1]).pixels.shape)
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_the_limit_of_the_system_is_kept(fresh_python, tmp_path):
    """A worker whose hard limit is below what a file may take works within it."""
    Image.fromarray(np.tile(np.arange(200, dtype=np.uint8), (200, 1))).save(tmp_path / "a.png")
    for limit in (6000, 1500):
        ended = fresh_python("-c", LIMITED, tmp_path / "a.png", limit, 10)
        assert (ended.out, ended.err) == ("(200, 200)\n", "")


def test_too_little_room_is_said_once_and_of_no_file(fresh_python, tmp_path):
    """The worker starts, and has too little left to read anything."""
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(tmp_path / "a.png")
    ended = fresh_python("-c", LIMITED, tmp_path / "a.png", 100, 2, "more than now")
    assert ended.out.startswith("ConfigError The process that reads images cannot work under the limit of 0.")
    assert "(ulimit -v " in ended.out and "MB are left" in ended.out and "a.png" not in ended.out


def test_a_file_that_is_too_large_for_the_limit_names_it(fresh_python, tmp_path):
    """It is read elsewhere; here it needs more than `ulimit -v` allows."""
    pixels = np.tile(np.arange(9000, dtype=np.uint16), (9000, 1))
    pixels[::100] = np.random.default_rng(0).integers(0, 65536, (90, 9000))  # not too good a compression
    Image.fromarray(pixels).save(tmp_path / "a.png")
    ended = fresh_python("-c", LIMITED, tmp_path / "a.png", 550, 10)
    assert ended.out.startswith("CxrReadError") and "needs more memory than is allowed, under" in ended.out
    assert "(ulimit -v " in ended.out


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
