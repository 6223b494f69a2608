"""The benchmark of processor time: it compares what it says it compares. No time is judged."""

import json
from math import ceil

import numpy as np
import pytest
from PIL import Image

from cxrtk import phantom


@pytest.fixture
def throughput(load_benchmark):
    return load_benchmark("throughput")


@pytest.mark.slow
def test_two_phantoms_are_timed(throughput, monkeypatch, tmp_path):
    """A tiny run of the whole script: each stage and each verb has a time, and the results are JSON."""
    data = tmp_path / "data"
    data.mkdir()
    for seed in range(2):
        grey = (phantom.draw(seed, 96).pixels * 255).round().astype(np.uint8)
        Image.fromarray(grey).save(data / f"{seed}.png")
    monkeypatch.setattr(throughput, "KINDS", {"phantoms": ("*.png",)})
    monkeypatch.setattr(throughput, "BATCH", 1)
    words = ["--data", data, "--images", 2, "--repeats", 1, "--json", tmp_path / "found.json"]
    found = throughput.main([str(word) for word in words])
    assert json.loads((tmp_path / "found.json").read_text()) == found
    assert found["first"]["segment"]["after"] > found["first"]["python -c pass"]["after"] > 0
    stages = found["kinds"]["phantoms"]["stages"]
    assert list(stages) == list(throughput.STAGES)
    assert all(row["after"] > 0 for row in stages.values())
    assert stages["all"]["after"] >= stages["network"]["after"] + stages["read"]["after"]


def test_differences_are_counted(throughput, tmp_path):
    """A mask with other pixels, and another flag, among files that are equal."""
    for folder, flag in (("one", "ok"), ("other", "review")):
        (tmp_path / folder).mkdir()
        mask = np.zeros((8, 8), np.uint8)
        mask[2:6, 2:6] = 255
        Image.fromarray(mask).save(tmp_path / folder / "same.png")
        if folder == "other":
            mask[2, 2:4] = 0
        Image.fromarray(mask).save(tmp_path / folder / "apart.png")
        content = {"measures": {}, "quality": {"flag": flag}}
        (tmp_path / folder / "apart.json").write_text(json.dumps(content))
    found = throughput.differences(tmp_path / "one", tmp_path / "other")
    assert found == {
        **{"files": 3, "masks_with_other_pixels": 1, "pixels": 2, "json": 1, "flags": 1},
        "least_dice": pytest.approx(2 * 14 / 30),
    }


def test_images_are_repeated_where_there_are_few(throughput, monkeypatch, tmp_path):
    """In turns; a kind without images is an error."""
    (tmp_path / "a.png").touch()
    (tmp_path / "b.png").touch()
    monkeypatch.setattr(throughput, "KINDS", {"few": ("*.png",), "none": ("*.dcm",)})
    made = throughput.images_of("few", tmp_path, 3, tmp_path / "links")
    assert [path.resolve().name for path in sorted(made.iterdir())] == ["a.png", "b.png", "a.png"]
    with pytest.raises(SystemExit, match="no images of the kind 'none'"):
        throughput.images_of("none", tmp_path, 3, tmp_path / "others")


def test_the_speed_by_cores_leaves_out_the_start(throughput, monkeypatch, tmp_path):
    """A worker takes 0.5 s an image in batches of four; the start and one slow run do not count."""
    slow = iter([9.0] + [0.0] * 7)

    def segment(tree, source, output, *words):
        batches = len(list(source.iterdir())) // 4
        return 0.0, 2.0 + 2.0 * ceil(batches / int(words[-1])) + next(slow)

    monkeypatch.setattr(throughput, "segment", segment)
    (tmp_path / "images").mkdir()
    for number in range(16):
        (tmp_path / "images" / f"{number:02}.png").touch()
    found = throughput.on_cores(tmp_path, tmp_path / "images", 16, 2, tmp_path)
    assert found == {"1": 2.0, "2": 4.0}
