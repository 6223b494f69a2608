"""benchmarks/augmentation.py: it times every random transform of the bundle."""

import json

from cxrtk.bundles import shipped


def test_a_row_for_each_random_transform(load_benchmark, capsys):
    """The rows are the transforms of the config in their order, and the last row is their sum."""
    load_benchmark("augmentation").main(["--images", "2", "--image_size", "64", "--repeats", "1"])
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    config = json.loads(shipped()["lungs"].read_text())
    targets = [each["_target_"].rsplit(".", 1)[-1] for each in config["train#random_transforms"]]
    assert [name.strip("`") for name, _ in rows] == [*targets, "all"]
    *parts, whole = (float(value) for _, value in rows)
    assert whole > 0 and abs(sum(parts) - whole) < 0.01 * len(rows)
