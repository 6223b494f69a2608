"""The benchmark of growth: its law is right on made-up numbers, and it runs. No time is judged."""

import json

import pytest


@pytest.fixture
def growth(load_benchmark):
    return load_benchmark("growth")


def watch(growth, seconds, memory):
    return growth.Watch({1: seconds / 2, 2: seconds / 2}, {1: memory, 2: memory / 3})


def test_a_linear_cost(growth):
    """2 s to start and 3 ms an image; 100 MB whatever the number."""
    counts = [100, 1000, 10_000]
    found = growth.law(counts, [watch(growth, 2 + 0.003 * count, 100) for count in counts])
    assert found["start_seconds"] == pytest.approx(2)
    assert found["ms_an_image"] == pytest.approx(3)
    assert found["further_image"] == pytest.approx(1)
    assert found["line_misses_largest_by"] == pytest.approx(0)
    assert found["megabytes_per_1000_images"] == 0


def test_a_quadratic_cost_is_seen(growth):
    """A further image costs ten times as much; 9 MB more for each 1,000 images are seen too."""
    counts = [100, 1000, 10_000]
    found = growth.law(counts, [watch(growth, 1e-6 * count**2, 0.009 * count) for count in counts])
    assert found["further_image"] == pytest.approx(10)
    assert found["megabytes_per_1000_images"] == pytest.approx(9)


@pytest.mark.slow
def test_it_runs(growth, lung_model, tmp_path, capsys):
    """All four tasks, on three tiny data sets; results as a table and as JSON."""
    found = growth.main(["--counts", "4,6,8", "--model", str(lung_model), "-o", str(tmp_path / "found.json")])
    assert list(found) == ["listing", "splitting", "checking", "segmenting"]
    assert json.loads((tmp_path / "found.json").read_text()).keys() == found.keys()
    assert "| segmenting | 4, 6, 8 |" in capsys.readouterr().out
    for law in found.values():
        assert all(second > 0 for second in law["seconds"]) and min(law["megabytes"]) > 10
