"""Windows and macOS: nothing that exists on Unix only, processes that are spawned, not forked."""

import hashlib
from pathlib import Path

import pytest

SPAWN = "import multiprocessing\n\nmultiprocessing.set_start_method('spawn', force=True)\n"


def files(folder: Path) -> dict[str, str]:
    """Digest of each picture and table below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.suffix in (".png", ".csv")
    }


def test_unix_is_hidden_from_us_only(without_unix, cxrtk, tmp_path):
    """The hidden names are hidden, and Python's own modules still find them."""
    (tmp_path / "asks.py").write_text(
        "import os, signal, subprocess\n"
        "ours = {'__name__': 'cxrtk.any'}\n"
        'exec(\'import os, signal\\nfound = [hasattr(os, "fork"), hasattr(signal, "SIGKILL")]\', ours)\n'
        "subprocess.run(['true'], check=True)\n"
        "print(ours['found'], hasattr(os, 'fork'))\n"
    )
    ended = cxrtk("asks", folder=tmp_path, PYTHONPATH=without_unix)
    assert ended.stdout.strip() == "[False, False] True", ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("how", [["--workers", "2"], ["--runner", "processes", "--processes", "2"]])
def test_a_folder_is_segmented_without_what_only_unix_has(without_unix, cxrtk, chests, tmp_path, how):
    """Readers, workers, lock and signals do without; the masks and tables are the same."""
    call = ["cxrtk", "segment", "-i", chests / "images", "-o"]
    assert cxrtk(*call, tmp_path / "known").returncode == 0
    ended = cxrtk(*call, tmp_path / "out", *how, PYTHONPATH=without_unix)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert files(tmp_path / "out") == files(tmp_path / "known") != {}


@pytest.mark.slow
@pytest.mark.parametrize("lacking", ["unix", "fork"])
def test_a_run_is_the_same(without_unix, cxrtk, chests, tmp_path, lacking):
    """Trained with a loading process; the last weights are equal to the byte."""
    spawn = tmp_path / "spawn"
    spawn.mkdir()
    (spawn / "sitecustomize.py").write_text(SPAWN)
    call = ["monai.bundle", "run", "--config_file", "bundles/unet_cxr.json", "--dataset_dir", chests]
    call += ["--image_size", 32, "--max_epochs", 1, "--batch_size", 2, "--num_workers", 1, "--overlays", 0]
    places = {"known": "", lacking: without_unix if lacking == "unix" else str(spawn)}
    weights = []
    for name, place in places.items():
        ended = cxrtk(*call, "--output_dir", tmp_path, "--run_name", name, PYTHONPATH=place)
        assert ended.returncode == 0, ended.stderr[-2000:]
        weights.append((tmp_path / name / "last.pt").read_bytes())
    assert weights[0] == weights[1]
