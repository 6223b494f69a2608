"""The fork server of this folder's tests, and the training that no fault disturbed."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # harness, faults and client are imported by name


@pytest.fixture(scope="session")
def server():
    """One process that has everything imported; children fork from it."""
    from client import Server

    started = Server()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def undisturbed(server, tmp_path_factory) -> dict[int, str]:
    """Workers -> hash of the final weights of a run without a fault."""
    from client import weights_hash
    from harness import Plan

    hashes = {}
    for workers in (0, 2):
        folder = tmp_path_factory.mktemp("undisturbed")
        ended = server.run(Plan(str(folder), workers=workers))
        assert ended.code == 0, ended.text
        hashes[workers] = weights_hash(folder / "runs" / "a" / "last.pt")
    return hashes
