"""The models that ship."""

import shutil

from cxrtk.cli.diagnosis import models
from cxrtk.cli.diagnosis.finding import BROKEN, OK
from cxrtk.models import shipping


def test_each_is_whole_and_has_a_licence():
    """The models in the package pass the check."""
    found = list(models.examine())
    assert {each.name for each in found} == set(shipping.shipped())
    assert all(each.state == OK and "licence: " in each.detail for each in found)


def test_another_file_in_its_place_is_broken(monkeypatch, tmp_path):
    """The checksum reveals the replaced file."""
    path = shipping.shipped()["lungs"]
    shutil.copy(path.parent / shipping.SUMS, tmp_path)
    (tmp_path / path.name).write_bytes(b"another")
    monkeypatch.setattr(shipping, "shipped", lambda: {"lungs": tmp_path / path.name})
    (found,) = models.examine()
    assert found.state == BROKEN and "SHA-256" in found.detail
