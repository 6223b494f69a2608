"""benchmarks/huge_pages.py: each state is measured in a process of its own, and the least time counts."""

import json
from types import SimpleNamespace


def test_the_least_of_all_turns_counts(load_benchmark, capsys, monkeypatch):
    """Both states run in turns, each with its tunables of glibc; the ratio is that of the least times."""
    script = load_benchmark("huge_pages")
    times = iter([30.0, 20.0, 24.0, 25.0])
    tunables = []

    def run(words, env, **_):
        tunables.append(env["GLIBC_TUNABLES"])
        return SimpleNamespace(stdout=json.dumps({"training step": next(times)}) + "\n")

    monkeypatch.setattr(script.subprocess, "run", run)
    script.main(["--repeats", "2"])
    assert tunables == ["", "glibc.malloc.hugetlb=1"] * 2
    assert capsys.readouterr().out.splitlines()[-1] == "| training step | 24.0 | 20.0 | 1.20 |"


def test_a_process_measures_both_tasks(load_benchmark, capsys, monkeypatch):
    """It prints milliseconds an image as JSON, which its parent reads."""
    script = load_benchmark("huge_pages")
    monkeypatch.setattr(script, "BATCH", 2)
    monkeypatch.setattr(script, "STEPS", 1)
    script.main(["--here", "--image_size", "64"])
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["training step, 64 px", "segmentation"]
    assert all(value > 0 for value in found.values())
