"""A reader whose labels and flags are given, and labels of two lungs."""

from pathlib import Path

import numpy as np

from cxrtk import Label, Radiograph, Reader


class Labelled(Reader):
    """Two images of 64 x 64 noise, whose labels and flags are given."""

    def __init__(self, root: Path, labels: list, flags: dict[str, str] | None = None) -> None:
        self.root, self.labels, self.flags = root, labels, flags or {}

    def items(self):
        return [
            {"image": str(self.root / f"{n}.x"), "patient": str(n), "n": n} for n in range(len(self.labels))
        ]

    def read(self, path):
        noise = np.random.default_rng(int(Path(path).stem)).random((40, 50), np.float32)
        return Radiograph(noise, meta={"flags": self.flags})

    def has_label(self, item):
        return self.labels[item["n"]] is not None

    def read_label(self, item):
        label = self.labels[item["n"]]
        if isinstance(label, Exception):
            raise label
        return label


def sides(right: slice, left: slice, heart: str = "excluded", truth: str = "human") -> Label:
    masks = np.zeros((2, 40, 50), np.uint8)
    masks[0, 8:32, right] = masks[1, 8:32, left] = 1
    return Label(masks, ("right_lung", "left_lung"), truth=truth, heart=heart)


GOOD = sides(slice(5, 20), slice(30, 45))
