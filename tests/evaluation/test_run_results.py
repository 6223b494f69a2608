"""Reading of what a run left."""

import pytest

from cxrtk.errors import ConfigError
from cxrtk.evaluation.run_results import read_result

from .run_folders import write_run

DICE = {"images/a.png": 0.5, "images/b.png": float("nan"), "more/a.png": 0.75}


def test_the_table_of_the_test_is_read_by_the_names_of_the_split(tmp_path):
    """Equal file names in two folders are told apart; an image without a value is left out."""
    found = read_result(write_run(tmp_path / "a", DICE))
    assert found.metrics == {"dice": {"images/a.png": 0.5, "more/a.png": 0.75}}
    assert found.images == set(DICE)


def test_the_settings_are_flat(tmp_path):
    """Each value of the config by its id."""
    found = read_result(write_run(tmp_path / "a", DICE, config={"seed": 1, "optimizer": {"lr": 0.5}}))
    assert found.settings == {"seed": 1, "optimizer#lr": 0.5}


def test_a_run_that_was_not_tested_has_no_metrics(tmp_path):
    """It is read all the same."""
    run = write_run(tmp_path / "a", DICE)
    (run / "test_metrics.json").unlink()
    assert read_result(run).metrics == {}


def test_a_file_of_known_digest_is_known_by_it_and_another_by_its_size(tmp_path):
    """Name and SHA-256; without one, name and bytes."""
    with_sha, without = (read_result(write_run(tmp_path / f"run{sha}", DICE, sha=sha)) for sha in ("0f", ""))
    assert with_sha.states["images/a.png"] == [("images/a.png", "0f")]
    assert without.states["images/a.png"] == [("images/a.png", 9)]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("config.json", "{", "config.json: cannot be read"),
        ("test/dice_raw.csv", "filename,mean\nx,y\n", "dice_raw.csv: cannot be read as a table of the test"),
        (
            "test/dice_raw.csv",
            "filename,class0\nx,1\n",
            "dice_raw.csv: cannot be read as a table of the test",
        ),
    ],
)
def test_a_damaged_file_is_named(tmp_path, file, content, said):
    """With what is wrong."""
    run = write_run(tmp_path / "a", DICE)
    (run / file).write_text(content)
    with pytest.raises(ConfigError, match=said):
        _ = read_result(run).metrics


def test_a_folder_that_is_no_run(tmp_path):
    """Named as such."""
    with pytest.raises(ConfigError, match="is not a run"):
        read_result(tmp_path)
