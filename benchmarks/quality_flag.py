r"""Does the quality flag know when a mask is bad? Its AUC, its false alarms, and what it says of strangers.

    python benchmarks/robustness.py --beyond --output robustness.json
    python benchmarks/quality_flag.py --robustness robustness.json

A mask is bad where its Dice against the human mask is below 0.90. The first table pools, of each corruption,
the severities at which 10 to 40 % of the masks are bad; a second row leaves out the masks that are hardly
better or worse than that. The interval of the AUC is a bootstrap by image, whose severities and corruptions
are drawn together. Images are the test part of the run. The strangers are side views, CT slices,
pelves, a dog, the photographs of scikit-image, and noise: none should be "ok".
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from intervals import auc_and_span
from robustness import Numbers, scores, tested

from cxrtk import Radiograph, pixels
from cxrtk.inference.segmentation.segmenter import Segmenter
from cxrtk.models.find import find_model
from cxrtk.models.membership import splits_beside

BAD = 0.90
SHARE = (0.1, 0.4)
NEAR = 0.03  # distance from BAD within which masks hardly differ in quality
PHOTOGRAPHS = (
    "astronaut",
    "camera",
    "cat",
    "coffee",
    "coins",
    "moon",
    "page",
    "rocket",
    "text",
    "brick",
    "grass",
)

Pairs = npt.NDArray[np.float64]  # (N, 4): Dice, score, 1 where the flag is ok, and number of the image


def numbered(rows: Sequence[Numbers]) -> Pairs:
    """The numbers of each image, and its place among them."""
    return np.column_stack([np.reshape(rows, (-1, 3)), np.arange(len(rows))])


def aucs(pairs: Pairs, bad: float = BAD) -> tuple[str, str]:
    """AUC of a low score for Dice below `bad`, with the counts; its interval."""
    failed = pairs[:, 0] < bad
    area, interval = auc_and_span(-pairs[:, 1], failed, pairs[:, 3])
    return f"{area} ({failed.sum()} of {len(pairs)} bad)", interval


def passed(pairs: Pairs) -> str:
    """Bad masks that are ok, and good ones that are not, with their numbers."""
    bad, ok = pairs[:, 0] < BAD, pairs[:, 2] > 0
    missed, alarms = (bad & ok).sum(), (~bad & ~ok).sum()
    return f"{missed} of {bad.sum()} bad ones are ok, {alarms} of {(~bad).sum()} good ones are not"


def corrupted(content: dict[str, dict[str, dict[str, list[tuple[float, float, float]]]]]) -> None:
    """The table by corruption, and all of them together."""
    pooled: list[Pairs] = []
    everything: list[Pairs] = []
    print("| corruption | severities | AUC | 95 % | flags |\n" + "| --- " * 5 + "|")
    for name, by_severity in content["corrupted"].items():
        found = {severity: numbered(rows) for severity, rows in by_severity.items()}
        everything += list(found.values())
        chosen = [
            severity
            for severity, pairs in found.items()
            if SHARE[0] <= (pairs[:, 0] < BAD).mean() <= SHARE[1]
        ]
        if chosen:
            pairs = np.concatenate([found[severity] for severity in chosen])
            pooled.append(pairs)
            print(line(name, ", ".join(chosen), pairs))
        else:
            shares = ", ".join(f"{(pairs[:, 0] < BAD).mean():.0%}" for pairs in found.values())
            print(f"| {name} | none: {shares} are bad | | | |")
    for name, several in (("all of these", pooled), ("every severity of every corruption", everything)):
        if not several:
            continue  # of no corruption are 10 to 40 % of the masks bad
        pairs = np.concatenate(several)
        print(line(name, "", pairs))
        clear = pairs[np.abs(pairs[:, 0] - BAD) > NEAR]
        within = f"{BAD - NEAR:.2f} to {BAD + NEAR:.2f}"
        print(line(f"- without Dice {within}", "", clear))


def line(name: str, severities: str, pairs: Pairs) -> str:
    """A row of the table."""
    return f"| {name} | {severities} | {' | '.join(aucs(pairs))} | {passed(pairs)} |"


def photographs() -> dict[str, Radiograph]:
    """Pictures of scikit-image that lie on the machine, as grey; noise of two kinds."""
    import skimage.color
    import skimage.data

    found: dict[str, npt.NDArray[np.float32]] = {}
    for name in PHOTOGRAPHS:
        picture = np.asarray(getattr(skimage.data, name)())
        grey = skimage.color.rgb2gray(picture[..., :3]) if picture.ndim == 3 else picture / 255.0
        found[f"photograph {name}"] = grey.astype(np.float32)
    rng = np.random.default_rng(0)
    found["white noise"] = rng.random((300, 300), dtype=np.float32)
    found["a ramp"] = np.tile(np.linspace(0, 1, 300, dtype=np.float32), (300, 1))
    found["black"] = np.zeros((300, 300), np.float32)
    return {name: Radiograph(picture) for name, picture in found.items()}


def strangers(data: Path) -> dict[str, Radiograph]:
    """Side views, slices, pelves, a dog's chest, and photographs."""
    found = {"a dog": pixels.read(data / "dicom" / "veterinary_dx_thorax_monochrome1.dcm")}
    for folder in ("not_frontal", "not_chest"):
        for path in sorted((data / folder / "images").glob("*")):
            found[f"{folder}/{path.name}"] = pixels.read(path)
    return {**found, **photographs()}


def flags(segmenter: Segmenter, images: dict[str, Radiograph], *, tell: bool) -> None:
    """How many got each flag; each that is ``ok``, where told to tell."""
    counts: Counter[str] = Counter()
    for name, image in images.items():
        found = segmenter.segment(image)
        counts[found.quality["flag"]] += 1
        if tell and found.quality["flag"] == "ok":
            print(f"  ok: {name}, score {found.quality['score']}")
    print(", ".join(f"{count} {flag}" for flag, count in sorted(counts.items())), f"of {len(images)}")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="lungs", help="a model with a quality flag")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    parser.add_argument("--splits", type=Path, help="splits.json of the run; default: that of --model")
    parser.add_argument("--robustness", type=Path, help="what benchmarks/robustness.py wrote for the model")
    parser.add_argument("--unseen", default="", help="sets that the model has never seen, comma-separated")
    options = parser.parse_args()
    segmenter = Segmenter(find_model(options.model))
    if options.robustness:
        content = json.loads(options.robustness.read_text())
        corrupted(content)
        clean = numbered(content["clean"])
    elif splits := options.splits or splits_beside(options.model):
        clean = numbered(scores(segmenter, tested(options.data, splits, ["jsrt", "openist"]), "", 0))
    else:
        clean = numbered([])
    if len(clean):
        print(f"\nTest images as they are: {passed(clean)}")
    print("\nStrangers: ", end="")
    flags(segmenter, strangers(options.data), tell=True)
    for name in filter(None, options.unseen.split(",")):
        pairs = numbered(scores(segmenter, tested(options.data, None, [name]), "", 0))
        area, interval = aucs(pairs)
        print(f"\n{name}, never seen: AUC {area}, 95 % {interval}; {passed(pairs)}")
        area, interval = aucs(pairs, 0.95)
        print(f"for Dice < 0.95 {area}, 95 % {interval}; ", end="")
        print(f"Spearman of Dice and score {np.corrcoef(pairs.argsort(axis=0).argsort(axis=0).T)[0, 1]:.2f}")


if __name__ == "__main__":
    main()
