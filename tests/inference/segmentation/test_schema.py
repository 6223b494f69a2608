"""The JSON Schema of what `cxrtk segment` writes, against files that it wrote."""

import copy
import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from PIL import Image
from pydicom.data import get_testdata_file

from cxrtk import segment
from cxrtk.data.phantom import draw
from cxrtk.data.pixels.dicom.reading import PROVENANCE
from cxrtk.data.pixels.flags import FLAGS
from cxrtk.inference.quality.words import WORDS

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads(
    files("cxrtk.inference.segmentation").joinpath("segmentation.schema.json").read_text(encoding="utf-8")
)
IMAGE = Draft202012Validator(SCHEMA)
LINE = Draft202012Validator({"$ref": "#/$defs/manifest_line", "$defs": SCHEMA["$defs"]})


def errors(validator, content):
    """Where a content breaks the schema, and how."""
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(content)]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """A phantom, a DICOM file, and a text; the phantom cannot be written as DICOM SEG."""
    folder = tmp_path_factory.mktemp("schema")
    (folder / "in").mkdir()
    Image.fromarray((draw(3, 256).pixels * 255).astype("uint8")).save(folder / "in" / "phantom.png")
    (folder / "in" / "chest.dcm").write_bytes(Path(get_testdata_file("RG1_UNCI.dcm")).read_bytes())
    (folder / "in" / "text.png").write_text("no image")
    arguments = ["segment", "-i", folder / "in", "-o", folder / "out", "-ot", "png,json,dicom-seg", "-q"]
    ended = subprocess.run([sys.executable, "-m", "cxrtk", *map(str, arguments)], timeout=240)
    assert ended.returncode == 3
    return folder / "out"


@pytest.fixture(scope="module")
def image(outputs):
    """The JSON of the DICOM file."""
    return json.loads((outputs / "chest.json").read_text(encoding="utf-8"))


def lines(outputs):
    """The lines of the manifest, by input."""
    text = (outputs / "manifest.jsonl").read_text(encoding="utf-8")
    return {line["input"]: line for line in map(json.loads, text.splitlines())}


def test_it_is_a_schema():
    """Of draft 2020-12."""
    assert SCHEMA["$schema"].endswith("2020-12/schema")
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["phantom", "chest"])
def test_the_file_of_an_image_is_valid(outputs, name):
    """Of a PNG without and of a DICOM file with attributes."""
    assert errors(IMAGE, json.loads((outputs / f"{name}.json").read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("name", "status"), [("chest.dcm", "ok"), ("phantom.png", "failed"), ("text.png", "failed")]
)
def test_each_line_of_the_manifest_is_valid(outputs, name, status):
    """Also of an image of which one format was refused, and of a file that could not be read."""
    line = lines(outputs)[name]
    assert line["status"] == status and errors(LINE, line) == []


def test_lungs_drawn_through_the_heart_are_valid(image):
    """One class, without measures of a heart."""
    found = segment(get_testdata_file("RG1_UNCI.dcm"), convention="heart-included")
    content = {
        **image,
        "classes": list(found.classes),
        "measures": dict(found.measures),
        "quality": dict(found.quality),
    }
    assert found.classes == ("lungs",) and errors(IMAGE, content) == []


@pytest.mark.parametrize(
    "place", [(), ("measures",), ("quality",), ("quality", "signs"), ("radiograph",), ("model",)]
)
def test_an_unknown_key_is_refused(image, place):
    """At each level."""
    content = copy.deepcopy(image)
    inner = content
    for key in place:
        inner = inner[key]
    inner["PatientName"] = "Nobody"
    assert errors(IMAGE, content)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("area_px", {"heart": -1}),
        ("area_mm2", {"heart": "large"}),
        ("spacing_mm", [0.0, 0.1]),
        ("lung_fraction_of_image", 33.4),
        ("spacing_source", "guessed"),
    ],
)
def test_a_value_out_of_range_is_refused(image, key, value):
    """Such as a percentage where a share is asked for."""
    assert errors(IMAGE, {**image, "measures": {**image["measures"], key: value}})


def test_a_failure_needs_its_reason(outputs):
    """An `ok` has none."""
    line = lines(outputs)["text.png"]
    assert errors(LINE, {**line, "reason": ""}) and errors(LINE, {**line, "status": "ok"})


def test_the_lists_of_the_code_are_in_it():
    """Signs of the quality flag, flags of files, and allow-listed attributes of DICOM."""
    parts = {name: part.get("properties", {}) for name, part in SCHEMA["$defs"].items()}
    assert set(parts["quality"]["signs"]["properties"]) == set(WORDS)
    assert set(parts["radiograph"]["flags"]["propertyNames"]["enum"]) == set(FLAGS)
    assert set(parts["radiograph"]) >= set(PROVENANCE)


def described(part, place=""):
    """(path, whether there is a description) of each field."""
    for name, field in part.get("properties", {}).items():
        yield f"{place}{name}", "description" in field or "$ref" in field
        yield from described(field, f"{place}{name}.")


def test_every_field_has_a_description():
    """Units are in it where there are some."""
    found = [each for part in (SCHEMA, *SCHEMA["$defs"].values()) for each in described(part)]
    assert len(found) > 80 and [name for name, said in found if not said] == []


def test_the_page_of_file_formats_names_every_field():
    """So that nothing is added to the JSON that is not explained."""
    page = (ROOT / "docs" / "reference" / "files.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Za-z0-9_]+)`", page))
    fields = {
        name.rpartition(".")[2]
        for part in (SCHEMA, *SCHEMA["$defs"].values())
        for name, _ in described(part)
        if not name.startswith("signs.")
    }
    assert fields - named == set()
