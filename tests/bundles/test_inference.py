"""``bundles/inference.json``: complete by MONAI's check, and byte for byte what `cxrtk segment` writes."""

import json
import logging
import shutil
from pathlib import Path

import pytest
from monai.bundle import ConfigWorkflow

from cxrtk.bundles import shipped

CONFIG = str(shipped()["inference"])


@pytest.fixture(autouse=True)
def as_it_was(process_as_it_was):
    """A bundle takes the signals and errors of its process, and logs to where its config says."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def images(cxrtk_data, tmp_path):
    """Two images, one of them in a folder below."""
    first, second = sorted((cxrtk_data / "openist" / "images").iterdir())[:2]
    (tmp_path / "in" / "ward").mkdir(parents=True)
    shutil.copy(first, tmp_path / "in" / "a.png")
    shutil.copy(second, tmp_path / "in" / "ward" / "b.png")
    return tmp_path / "in"


def workflow(images: Path, output: Path, **more: object) -> ConfigWorkflow:
    """What the command of the README builds."""
    return ConfigWorkflow(
        config_file=CONFIG,
        meta_file=str(shipped()["inference"].with_name("metadata.json")),
        logging_file=False,
        workflow_type="infer",
        input=str(images),
        output_dir=str(output),
        **more,
    )


def infer(images: Path, output: Path, **more: object) -> None:
    """And does with it."""
    built = workflow(images, output, **more)
    built.initialize()
    built.run()
    built.finalize()


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_has_monais_ids_for_inference(images, lung_model, tmp_path):
    """MONAI misses nothing that it asks of an inference bundle."""
    checked = workflow(images, tmp_path / "out", model=str(lung_model))
    checked.initialize()
    assert checked.check_properties() == []


@pytest.mark.parametrize("settings", [{}, {"threshold": 0.3, "postprocess": False}])
def test_it_writes_what_cxrtk_segment_writes(cxrtk_command, images, lung_model, tmp_path, settings):
    """Masks, measures, table and manifest, byte for byte."""
    infer(images, tmp_path / "bundle", model=str(lung_model), device="cpu", **settings)
    more = ("--threshold", 0.3, "--no-postprocess") if settings else ()
    cxrtk_command("segment", "-i", images, "-o", tmp_path / "verb", "--model", lung_model, "-q", *more)
    assert {"a.png", "ward/b.png", "manifest.jsonl"} <= set(content(tmp_path / "bundle"))
    assert content(tmp_path / "bundle") == content(tmp_path / "verb")


def test_a_bad_file_costs_that_file(images, lung_model, tmp_path):
    """Exit code 3; the others are done, and the manifest says why."""
    (images / "bad.png").write_bytes(b"")
    with pytest.raises(SystemExit) as ended:
        infer(images, tmp_path / "out", model=str(lung_model), device="cpu")
    assert ended.value.code == 3
    lines = (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()
    assert {(row["input"], row["code"]) for row in map(json.loads, lines)} == {
        ("a.png", ""),
        ("bad.png", "empty"),
        ("ward/b.png", ""),
    }


@pytest.mark.slow
def test_without_an_input(fresh_python):
    """It says which option is missing, in one last line with the exit code of a setting."""
    ended = fresh_python("-m", "monai.bundle", "run", "--config_file", CONFIG)
    assert ended.code == 2
    assert ended.err.splitlines()[-1].startswith(
        "cxrtk: error: No images to segment: name a file or a folder"
    )
