"""The command that goes on with a run, as a user can paste it."""

import pytest

from cxrtk.training.resuming import resume_command

MONAI = "/venv/lib/python3.11/site-packages/monai/bundle/__main__.py"


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([MONAI, "run", "--config_file", "a.json"], "python -m monai.bundle run --config_file a.json"),
        ([MONAI, "run", "--config_file", "['a.json', 'b.json']"],
         "python -m monai.bundle run --config_file '['\"'\"'a.json'\"'\"', '\"'\"'b.json'\"'\"']'"),
        ([MONAI, "run", "--run_name=a b", "--seed", "1"], "python -m monai.bundle run --seed 1"),
        ([MONAI, "run", "--resume_from", "runs/b", "--x", "1"], "python -m monai.bundle run --x 1"),
        ([MONAI, "run", "--resume_from=latest"], "python -m monai.bundle run"),
        ([MONAI, "run", "--x", "--run_name"], "python -m monai.bundle run --x"),
        (["train.py", "--seed", "1"], "python train.py --seed 1"),
        (["/a/monai/elsewhere/__main__.py"], "python /a/monai/elsewhere/__main__.py"),
    ],
)  # fmt: skip
def test_the_command_is_the_one_that_began_the_run(argv, expected):
    """Without its name and its former start, quoted for a shell, with the folder to go on in."""
    assert resume_command("runs/a", argv) == f"{expected} --resume_from runs/a"


@pytest.mark.parametrize("first", ["/venv/bin/cxrtk", "/venv/lib/cxrtk/__main__.py"])
@pytest.mark.parametrize("rest", [["unet_cxr"], ["--set", "run_name=a"], ["--resume-from", "latest"]])
def test_cxrtk_train_goes_on_by_the_folder_alone(first, rest):
    """The run keeps its config; a folder with a blank is quoted."""
    assert resume_command("runs/a b", [first, "train", *rest]) == "cxrtk train --resume-from 'runs/a b'"
