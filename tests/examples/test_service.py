"""The HTTP service of the examples, asked by several clients at once."""

import importlib.util
import io
import json
import socket
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file

import cxrtk

SERVICE = Path(__file__).resolve().parents[2] / "examples" / "service.py"
CLIENTS = 8


@pytest.fixture(scope="module")
def service(require_module):
    """Its address; it runs in a thread of this process, at a port that is free."""
    require_module("fastapi", "test")
    import uvicorn

    spec = importlib.util.spec_from_file_location("service", SERVICE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        port.listen(CLIENTS)  # who asks before the server has started waits for it
        server = uvicorn.Server(uvicorn.Config(module.app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [port]})
        thread.start()
        yield f"http://127.0.0.1:{port.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def ask(address: str, content: bytes) -> tuple[int, bytes]:
    """Status and body of the answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, content), timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture(scope="module")
def radiographs():
    """Eight different pictures: phantoms as PNG, and a DICOM file."""
    contents = []
    for seed in range(CLIENTS - 1):
        buffer = io.BytesIO()
        pixels = cxrtk.phantom.draw(seed, size=128).pixels
        Image.fromarray(np.uint8(pixels * 255)).save(buffer, "PNG")
        contents.append(buffer.getvalue())
    return [*contents, Path(get_testdata_file("RG1_UNCI.dcm", download=False)).read_bytes()]


@pytest.mark.slow
def test_clients_at_once_get_what_each_gets_alone(service, radiographs):
    """Masks to the byte, measures and signs to the last digit."""

    def both(content: bytes) -> list[tuple[int, bytes]]:
        return [ask(f"{service}/{what}", content) for what in ("segment", "mask")]

    alone = [both(content) for content in radiographs]
    with ThreadPoolExecutor(CLIENTS) as threads:
        together = list(threads.map(both, radiographs))
    assert together == alone
    assert {status for answers in alone for status, _ in answers} == {200}
    assert len({mask for _, (_, mask) in alone}) == CLIENTS  # else equal answers would say nothing


def test_the_answers_are_those_of_the_library(service, radiographs):
    """The mask at the size of the file, and the measures."""
    expected = cxrtk.segment(get_testdata_file("RG1_UNCI.dcm", download=False))
    _, told = ask(f"{service}/segment", radiographs[-1])
    assert json.loads(told)["measures"]["area_px"] == expected.measures["area_px"]
    _, mask = ask(f"{service}/mask", radiographs[-1])
    with Image.open(io.BytesIO(mask)) as picture:
        assert np.array_equal(np.asarray(picture), expected.lungs() * 255)


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n"])
def test_what_cannot_be_read_is_the_clients_mistake(service, content):
    """422 with one line, and no path of the server."""
    status, told = ask(f"{service}/segment", content)
    assert status == 422 and b"Traceback" not in told and b"/tmp" not in told
