"""A container that runs under a bare number, without a home (OpenShift, ``docker run --user 12345``)."""

import subprocess
import sys
from pathlib import Path

import pytest


def test_the_user_has_no_name(nameless):
    """The environment is what it should be: Python itself cannot say who runs it."""
    ask = [*nameless, sys.executable, "-c", "import getpass; getpass.getuser()"]
    ended = subprocess.run(ask, capture_output=True, text=True)
    assert ended.returncode == 1 and "12345" in ended.stderr


@pytest.mark.slow
def test_monai_is_imported_after_cxrtk(nameless):
    """MONAI asks for the user's name on import; a name that is set stays."""
    ask = "import cxrtk, getpass; from cxrtk import Segmenter; import monai; print(getpass.getuser())"
    for more, name in ([], "uid-12345"), (["LOGNAME=somebody"], "somebody"):
        command = [*nameless, *more, sys.executable, "-c", ask]
        ended = subprocess.run(command, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.strip() == name


@pytest.mark.slow
def test_every_step_from_training_to_report(nameless, cxrtk, public):
    """Exit code 0, and no traceback, with no home and a working folder that cannot be written."""
    chests, out = public / "chests", public
    ids = {"dataset_dir": chests, "output_dir": out / "runs", "run_name": "a", "max_epochs": 1}
    ids |= {"image_size": 32, "batch_size": 2, "num_workers": 2, "overlays": 1}
    given = [word for id, value in ids.items() for word in ("--set", f"{id}={value}")]
    for words in (
        ["inspect", chests / "images" / "00000001_000.png"],
        ["train", "unet_cxr", *given],
        ["segment", "-i", chests / "images", "-o", out / "masks", "--workers", "2"],
        ["evaluate", "--model", out / "runs" / "a", "--dataset_dir", chests, "-o", out / "evaluated"],
        ["report", out / "masks", "-i", chests / "images", "-o", out / "page.html"],
        ["runs", out / "runs"],
    ):
        ended = cxrtk("cxrtk", *words, before=nameless, folder=Path("/proc/self"))
        assert ended.returncode == 0 and "Traceback" not in ended.stderr, (words, ended.stderr[-2000:])
