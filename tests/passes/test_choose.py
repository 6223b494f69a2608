"""A step that chooses: which items a pass does, and what is known of them before they are read."""

import json

import numpy as np
import pytest
from PIL import Image

from cxrtk import Outcome, PluginBroken, Step, passes


@pytest.fixture
def folders(tmp_path):
    """Two folders of two images each, one of which cannot be read."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        for image in ("a", "b"):
            values = np.random.default_rng(0).integers(0, 255, (16, 16), np.uint8)
            Image.fromarray(values).save(tmp_path / name / f"{image}.png")
    (tmp_path / "two" / "b.png").write_bytes(b"")
    return tmp_path


class Chooses(Step):
    """Takes the items of some places in the list, and knows their places."""

    def __init__(self, places, word="first"):
        self.places = places
        self.word = word

    def choose(self, items, has_label):
        return [{"place": n, "word": self.word} if n in self.places else None for n in range(len(items))]

    def __call__(self, batch):
        return [Outcome("ok", {"seen": job.known["word"]}) for job in batch]


def run(step, folders, **options):
    sources = [
        (each, passes.read_ahead(each.root))
        for each in passes.inputs_of([str(folders / "one"), str(folders / "two")])
    ]
    result = passes.run(step, sources, folders / "out", passes.Options(**options))
    lines = (folders / "out" / "manifest.jsonl").read_text().splitlines()
    return result, [json.loads(line) for line in lines]


def test_a_choice_over_all_inputs(folders):
    """Of two folders the items are numbered on; the row of a file that cannot be read says the same."""
    result, lines = run(Chooses([1, 2, 3]), folders)
    assert [(line["input"], line["place"], line["status"]) for line in lines] == [
        ("one/b.png", 1, "ok"), ("two/a.png", 2, "ok"), ("two/b.png", 3, "failed"),
    ]  # fmt: skip
    assert result.counts == {"ok": 2, "failed": 1}
    assert {line["seen"] for line in lines if line["status"] == "ok"} == {"first"}


def test_what_is_known_when_a_pass_goes_on(folders):
    """The rows say what is known now; radiographs that were done are not done again."""
    run(Chooses([0, 1]), folders, batch_size=1)
    _, lines = run(Chooses([1, 2], "second"), folders, batch_size=1, go_on=True)
    assert [(line["input"], line["word"], line["seen"]) for line in lines] == [
        ("one/b.png", "second", "first"), ("two/a.png", "second", "second"),
    ]  # fmt: skip


def test_no_folder_for_nothing(folders):
    """A radiograph without files has no folder among the outputs."""
    run(Chooses([0, 2]), folders)
    assert [path.name for path in (folders / "out").iterdir()] == ["manifest.jsonl"]


def test_a_step_that_chooses_from_fewer(folders):
    """Is a broken plugin."""
    step = Chooses([0])
    step.choose = lambda items, has_label: [{}]
    with pytest.raises(PluginBroken, match="chose from 1 of 4"):
        run(step, folders)
