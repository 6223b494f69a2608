"""Results come in the items' order, whatever the number of processes, and few jobs wait."""

import pytest

from cxrtk import phantom, readers
from cxrtk.data.check.examine import examine
from cxrtk.data.check.expected import expected_masks
from cxrtk.data.check.survey import Survey
from cxrtk.data.isolation import IsolatedReader


def test_two_processes_say_what_one_reader_says(tmp_path):
    """The same order and the same numbers as reading one after the other in this process."""
    root = phantom.write_nih(tmp_path / "set", 12, size=64)
    reader = readers.create("nih_png", root=root)
    items = reader.items()
    with Survey("nih_png", {"root": str(root)}, num_workers=2) as survey:
        found = list(survey.examine(items, [True] * len(items)))
    expected = [examine(reader, item) for item in items]
    assert [seen.imprint.sha256 for seen in found] == [seen.imprint.sha256 for seen in expected]
    assert [seen.lung_share for seen in found] == [seen.lung_share for seen in expected]


def test_another_comparison_may_be_handed_in(tmp_path):
    """It is asked for each image that has a label, and the labels are judged by it."""
    root = phantom.write_nih(tmp_path / "set", 6, size=128)
    items = readers.create("nih_png", root=root).items()

    def upside_down(pixels):
        return expected_masks(pixels)[:, ::-1]

    with Survey("nih_png", {"root": str(root)}, expect=upside_down, num_workers=2) as survey:
        found = list(survey.examine(items, [True] * 5 + [False]))
    assert [[agreed.best() for agreed in seen.agreements][:1] for seen in found] == [["upside down"]] * 5 + [
        []
    ]


def test_jobs_wait_for_who_takes_the_results(monkeypatch):
    """Of 100 images no more are begun than a few for each process, until the results are taken."""
    begun = []

    class Counted(IsolatedReader):
        def read(self, path):
            begun.append(path)
            phantoms = readers.create("phantom", count=1, size=64)
            return phantoms.read(phantoms.items()[0]["image"])

    monkeypatch.setattr("cxrtk.data.reader_pool.IsolatedReader", Counted)
    items = [{"image": str(number), "patient": "1"} for number in range(100)]
    with Survey("phantom", {}, num_workers=2) as survey:
        results = survey.examine(items, [False] * 100)
        next(results)
        assert len(begun) <= 10
        results.close()
    assert len(begun) <= 10


def test_no_process_is_an_error():
    """Images are never read in the command's own process."""
    with pytest.raises(ValueError, match="num_workers must be 1 or more"):
        Survey("nih_png", {}, num_workers=0)
