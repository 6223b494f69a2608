"""OpenVINO: silent, and its program can be forgotten."""

import subprocess
import sys

import pytest

from cxrtk.models.backends.openvino_backend import FILE, OpenVinoBackend


@pytest.fixture(autouse=True)
def installed(require_module):
    require_module("openvino.properties", "openvino")


def test_it_can_be_forgotten(model, cache):
    """Then nothing of it is left."""
    OpenVinoBackend(model, "", "fp32").forget()
    assert list(cache.rglob(FILE)) == []


SILENT = """
import socket, sys
def refuse(*_, **__):
    print("a connection", file=sys.stderr)
    raise OSError("refused")
socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refuse
from pathlib import Path
from cxrtk.models.backends.openvino_backend import OpenVinoBackend
from cxrtk.models.model_file import read_model
OpenVinoBackend(read_model(Path(sys.argv[1])), "", "fp32")
import time
time.sleep(1)  # telemetry is sent by a thread
assert "openvino" in sys.modules and not any(name.startswith("openvino_telemetry") for name in sys.modules)
"""


def test_it_opens_no_connection(model_file, tmp_path):
    """Its telemetry is not even imported, outside CI as well."""
    ended = subprocess.run(
        [sys.executable, "-c", SILENT, str(model_file)],
        env={"CXRTK_CACHE": str(tmp_path / "other"), "PATH": "", "HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "a connection" not in ended.stderr
    assert not (tmp_path / "intel").exists()
