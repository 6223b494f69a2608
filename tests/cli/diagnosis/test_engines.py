"""Devices and backends."""

from cxrtk.cli.diagnosis import engines
from cxrtk.cli.diagnosis.finding import MISSING, OK
from cxrtk.models.backends import choice


def test_torch_on_the_cpu_is_always_there():
    """The entry gives the number of threads."""
    found = {each.name: each for each in engines.examine()}
    assert found["cpu"].state == OK and "threads: " in found["cpu"].detail
    assert found["--backend torch"].state == OK


def test_a_backend_that_is_missing_has_its_extra(monkeypatch):
    """A missing backend is not an error."""
    monkeypatch.setattr(choice, "installed", lambda: ["torch"])
    found = {each.name: each for each in engines.examine()}
    assert found["--backend openvino"].state == MISSING
    assert found["--backend openvino"].cure == "pip install 'cxrtk[openvino]'"
