"""The small model, exported once in each format."""

import pytest

from cxrtk.models.formats.export import FORMATS, export_model
from cxrtk.models.licence import Licence
from cxrtk.models.model_file import read_model
from tests.small_model import model_file, network, spec

__all__ = ["exported_files", "licence", "model", "model_file", "network", "spec"]


@pytest.fixture(scope="session")
def model(model_file):
    return read_model(model_file)


@pytest.fixture(scope="session")
def licence(tmp_path_factory):
    path = tmp_path_factory.mktemp("licence") / "small.LICENSE"
    path.write_text("CC BY 4.0\nGive credit.\n")
    return Licence("CC BY 4.0", path)


@pytest.fixture(scope="session")
def exported_files(model, licence, tmp_path_factory, require_module):
    """A function: suffix -> path of the small model in this format, written once."""
    made = {}

    def of(suffix):
        for package in FORMATS[suffix].PACKAGES:
            require_module(package, FORMATS[suffix].EXTRA)
        if suffix not in made:
            path = tmp_path_factory.mktemp("formats") / f"small{suffix}"
            export_model(model, path, [licence])
            made[suffix] = path
        return made[suffix]

    return of
