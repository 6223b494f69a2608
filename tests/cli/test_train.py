"""`cxrtk train` before anything runs: which files, what is refused. Whole runs are in tests/faults."""

import json
import shutil

import pytest

from cxrtk import phantom
from cxrtk.bundles import shipped
from cxrtk.training import record


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch, process_as_it_was):
    """An empty working directory; signals and errors are given back."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Name a bundle to train, as in: cxrtk train unet_cxr"),
        (("unet_cxrr",), "unet_cxrr: no such file, nor a shipped bundle; shipped bundles: attention_unet"),
        (("--resume-from", "latest"), "latest: there is no run in"),
        (("--resume-from", "false"), "--resume_from false: is not a run"),
        (("unet_cxr", "--set", "max_epochs"), "--set max_epochs: write it as id=value"),
        (("unet_cxr", "--image_size", "64"), "with --set image_size=64"),
        (("unet_cxr", "--network_def#name=basic_unet"), "with --set network_def#name=basic_unet"),
        (("unet_cxr", "--set", "max_epoch=3"), "max_epoch: the config has no such id"),
        (("unet_cxr", "--set", "network_def#name=paper_unett"), "did you mean 'paper_unet'"),
        (("unet_cxr", "--set", "optimizer#learning_rate=1"), "takes no argument 'learning_rate'"),
        (("unet_cxr", "--set", "device=$__import__('os').system('touch ran')"), "--allow-code"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_runs(cxrtk_command, tmp_path, words, said):
    """Exit code 2; no folder is made, nothing of the config is evaluated."""
    ended = cxrtk_command("train", *words)
    assert ended.code == 2
    assert said in ended.err and "Traceback" not in ended.err
    assert all(line.startswith("cxrtk: error: ") for line in ended.err.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_resumed_by_its_own_config(tmp_path):
    """Without a bundle, the config of the run; `latest` is the run that was started last, of any config."""
    from cxrtk.cli.train import config_files

    for number, name in enumerate(("new", "old"), start=1):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        record.begin(folder, number=3 - number, config_name=name, max_epochs=1, command=[])
        (folder / "config.json").write_text(json.dumps({"config_name": name}))
    assert [path.parent.name for path in config_files([], "latest")] == ["new"]
    assert [path.parent.name for path in config_files([], "old")] == ["old"]
    assert config_files(["unet_cxr"], "latest") == [shipped()["unet_cxr"]]


def test_the_files_beside_a_config_are_used(tmp_path):
    """Its own logging.conf where it has one, that of the package where not."""
    from cxrtk.cli.train import beside

    own, ours = tmp_path / "own", tmp_path / "ours"
    own.mkdir()
    assert beside([own / "a.json"], "logging.conf", ours) == ours / "logging.conf"
    (own / "logging.conf").write_text("")
    assert beside([own / "a.json"], "logging.conf", ours) == own / "logging.conf"


LEAKS = {
    "a patient": (None, "The split leaks: the patient of 00000002_001.png is in train and in validation"),
    "a file": ("00000005_000", "00000005_000.png in test are the same file under two names"),
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*from a source you trust")  # MONAI says so of every config
@pytest.mark.parametrize(
    ("command", "leak"),
    [("cxrtk train", "a patient"), ("cxrtk train", "a file"), ("monai.bundle run", "a file")],
)
def test_a_leaking_split_is_refused(cxrtk_command, fresh_python, tmp_path, command, leak):
    """`cxrtk train` and MONAI's own command refuse it with one line and write no weights."""
    copy, said = LEAKS[leak]
    root = phantom.write_nih(tmp_path / "set", 8, size=64)
    validation = ["00000004_000"]
    train = ["00000001_000", "00000002_000", "00000003_000"]
    if copy:
        shutil.copy(root / "images" / "00000001_000.png", root / "images" / f"{copy}.png")
    else:
        validation.append("00000002_001")
    parts = {"train": train, "validation": validation, "test": ["00000005_000"]}
    split = tmp_path / "split.json"
    split.write_text(json.dumps({part: [f"{stem}.png" for stem in stems] for part, stems in parts.items()}))
    if command == "cxrtk train":
        words = ["--set", f"dataset_dir={root}", "--set", f"split_file={split}"]
        ended = cxrtk_command("train", "unet_cxr", *words)
    else:
        words = ["--config_file", shipped()["unet_cxr"], "--dataset_dir", root, "--split_file", split]
        ended = fresh_python("-m", "monai.bundle", "run", *words)
    assert ended.code == 2
    assert said in ended.err.splitlines()[-1]
    assert list(tmp_path.rglob("*.pt")) == []


def test_a_run_that_is_not_there_is_named_before_any_work(cxrtk_command, tmp_path, monkeypatch):
    """With or without a bundle, it gives one line, and no phantom is drawn."""
    monkeypatch.chdir(tmp_path)
    ended = cxrtk_command("train", "unet_cxr", "--resume-from", "nowhere")
    assert ended.code == 2 and "nowhere: is not a run" in ended.err
    assert list(tmp_path.iterdir()) == []
