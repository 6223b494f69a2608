"""What a run keeps: its folder while it trains, its settings when it goes on."""

import shutil
from pathlib import Path

import pytest
from ignite.engine import Events

from cxrtk import ConfigError, DataError
from cxrtk.training.same_run import comparable, require_same_settings

from .keeping import epochs_in


def test_other_settings_are_refused(trainer_in, tmp_path):
    """Both values are said; those that do not decide the result may differ."""
    before = {"seed": 0, "image_size": 256, "max_epochs": 2, "device": "cpu", "command": "a", "data": "abc"}
    trainer_in(tmp_path, settings=before).run()
    with pytest.raises(ConfigError, match="cannot continue with different settings") as caught:
        trainer_in(tmp_path, epochs=3, settings={**before, "seed": 1, "image_size": 64}).run()
    assert "seed was 0 and is 1, image_size was 256 and is 64; start a new run" in str(caught.value)
    free = {"max_epochs": 3, "device": "cuda", "command": "b", "dataset_dir": "elsewhere", "added": 1}
    trainer_in(tmp_path, epochs=3, settings={**before, **free}).run()
    assert epochs_in(tmp_path) == [2, 3]


def test_another_number_of_workers_is_a_warning(tmp_path, caplog):
    """The run goes on: fewer workers may be the cure of what stopped it."""
    require_same_settings(tmp_path, {"num_workers": 2, "seed": 1}, {"num_workers": 0, "seed": 1})
    assert "num_workers was 2 and is 0" in caplog.text


def test_settings_are_compared_as_json_has_them():
    """Paths as texts, tuples as lists; those that say nothing of the result are left out."""
    settings = {"size": (4, 4), "labels": Path("masks"), "max_epochs": 3, "dataset_dir": "a", "command": "b"}
    assert comparable(settings) == {"size": [4, 4], "labels": "masks"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # TensorBoard's writer
@pytest.mark.parametrize("how", ["removed", "exchanged", "emptied"])
def test_a_folder_that_vanishes_ends_the_run_in_one_line(trainer_in, tmp_path, how):
    """After the epoch in which it happens; exit code 2, and no folder is made in its place."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    trainer = trainer_in(folder, epochs=3)

    def vanish() -> None:
        shutil.rmtree(folder)
        if how != "removed":
            folder.mkdir()
        if how == "exchanged":
            (folder / "config.json").write_text("{}")

    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=4), vanish)
    with pytest.raises(DataError, match="was removed or replaced while it trained") as caught:
        trainer.run()
    assert caught.value.exit_code == 2 and trainer.state.epoch == 2
    assert not list(tmp_path.glob("run/*.pt"))
