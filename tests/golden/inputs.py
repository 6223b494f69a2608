"""All that the verbs are run on, written anew for each test session; none of it is in the repository."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.golden.data_sets import (
    by_patient,
    spoil,
    write_blocks,
    write_findings,
    write_pairs,
    write_phantoms,
)
from tests.golden.models import write_model, write_run
from tests.golden.pictures import write_mixed, write_shipped


def write_inputs(root: Path) -> None:
    """Write data sets, models and runs into a folder; the same bytes each time."""
    write_mixed(root / "mixed")
    for name in ("calibrated.dcm", "negative", "Japanese.dcm", "CT.dcm"):
        _copy(root / "mixed" / "dicom" / name, root / "few" / name)
    _copy(root / "mixed" / "chest.png", root / "few" / "chest.png")
    (root / "list.txt").write_text("mixed/large.png\nmixed/ward a/chest.png\n", encoding="utf-8")
    (root / "empty").mkdir()
    (root / "broken plugins" / "masks").mkdir(parents=True)
    (root / "broken plugins" / "masks" / "torn.py").write_text(
        "import nothing_of_this_name\n", encoding="utf-8"
    )
    _two_of_a_name(root)
    write_shipped(root / "shipped")

    names = write_phantoms(root / "phantoms")
    write_pairs(root / "pairs", root / "phantoms")
    write_pairs(root / "spoiled", root / "phantoms")
    spoil(root / "spoiled")
    told = write_findings(root / "findings")

    write_model(root / "whole.safetensors", "whole")
    write_model(root / "other.safetensors", "other", heart=3)
    write_run(root / "runs" / "lungs-1", 1, "phantoms", by_patient(names))
    write_run(root / "runs" / "findings-2", 2, "findings", by_patient(told), tells=True)
    write_run(root / "cropped" / "run-3", 3, "findings", by_patient(told), tells=True)
    half = names[: len(names) // 2]
    for number, (name, tested) in enumerate({"a": half, "b": names[len(half) :]}.items(), start=5):
        learned = [each for each in names if each not in tested]
        parts = {"train": learned[1:], "validation": learned[:1], "test": tested}
        write_run(root / "folds" / name, number, "phantoms", parts)
    blocks = write_blocks(root / "blocks")
    parts = {"train": blocks[:14], "validation": blocks[14:20], "test": blocks[20:]}
    write_run(root / "blocks run" / "lungs-4", 4, "blocks", parts, reader="image_mask_folder")
    config = root / "cropped" / "run-3" / "config.json"
    changed = json.loads(config.read_text(encoding="utf-8")) | {
        "lungs": "cropped",
        "lung_model": "whole.safetensors",
    }
    config.write_text(json.dumps(changed) + "\n", encoding="utf-8")


def _two_of_a_name(root: Path) -> None:
    """Files whose outputs would be one file."""
    _copy(root / "mixed" / "chest.png", root / "clash" / "a.png")
    _copy(root / "mixed" / "chest.png", root / "clash" / "a_labels.png")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
