"""The notebooks run from top to bottom, and show what they say."""

import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "notebooks"
NAMES = ("dicom_to_measures", "train_and_compare")
MACHINE = re.compile(r"/(home|root|tmp|work|usr|Users|mnt|private)/|[A-Z]:\\")


@pytest.fixture
def stored(require_module):
    """A function: a notebook's name -> the notebook as it is stored."""
    nbformat = require_module("nbformat", "test")
    return lambda name: nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


@pytest.fixture
def executed(require_module, stored, tmp_path, monkeypatch):
    """A function: a notebook's name -> the notebook, executed in an empty folder; an error fails."""
    client = require_module("nbclient", "test")
    require_module("ipykernel", "test")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")

    def execute(name):
        notebook = stored(name)
        place = {"metadata": {"path": str(tmp_path)}}
        client.NotebookClient(notebook, timeout=800, kernel_name="python3", resources=place).execute()
        return notebook

    return execute


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def shown(notebook: Any) -> str:
    """All text that the cells show, tables included."""
    parts = [each.get("text") or each["data"].get("text/markdown", "") for each in outputs(notebook)]
    return "\n".join(parts)


def kinds(notebook: Any) -> list[list[str]]:
    """Return of each cell what it shows: text, table, picture."""
    return [
        sorted({kind for output in cell.get("outputs", []) for kind in output.get("data", {"text": ""})})
        for cell in notebook.cells
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_stored_with_its_outputs(stored, name):
    """Each cell was run in order and without an error, and no path of a machine is shown."""
    notebook = stored(name)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert "error" not in {output.output_type for output in outputs(notebook)}
    assert {output.get("name", "stdout") for output in outputs(notebook)} == {"stdout"}
    assert not MACHINE.search(shown(notebook))
    assert sum("image/png" in each for each in kinds(notebook)) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_the_cells_are_short(stored, name):
    """Twenty-five lines at most, so that each can be read at a glance."""
    assert max(len(cell.source.splitlines()) for cell in stored(name).cells) <= 25


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_from_a_dicom_file_to_measures(executed, stored):
    """The ratio lies in its interval, and highdicom reads three segments that equal the masks."""
    notebook = executed("dicom_to_measures")
    text = shown(notebook)
    ratio, low, high = map(float, re.search(r"ratio \| (.+) \(90 % interval (.+) to (.+)\)", text).groups())
    assert low < ratio < high
    assert text.count("equal: True") == 3 and "equal: False" not in text
    assert "MONOCHROME1" in text and "inverted" in text
    assert re.search(r"Cardiothoracic ratio +0\.\d+ ratio", text)
    assert kinds(notebook) == kinds(stored("dicom_to_measures"))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_train_and_compare(executed, stored, tmp_path):
    """Both networks learn the phantoms, on the same split, and each test image has both values of Dice."""
    notebook = executed("train_and_compare")
    splits = [(tmp_path / "runs" / name / "splits.json").read_text() for name in ("paper_unet", "basic_unet")]
    assert splits[0] == splits[1]
    row = r"\| (\w+_unet) \| (\d+) \| (\S+) \| (\S+) to (\S+) \| \S+ \| exact masks, heart excluded \|"
    rows = re.findall(row, shown(notebook))
    assert [row[0] for row in rows] == ["paper_unet", "basic_unet"]
    for _, _, *numbers in rows:
        mean, low, high = map(float, numbers)
        assert 0.8 < low <= mean <= high <= 1.0
    images = re.findall(r"^\| images/\S+\.png \| 0\.\d{4} \| 0\.\d{4} \|$", shown(notebook), re.MULTILINE)
    assert len(images) == int(rows[0][1]) == int(rows[1][1])
    assert kinds(notebook) == kinds(stored("train_and_compare"))
