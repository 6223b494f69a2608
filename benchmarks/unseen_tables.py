"""The tables of `unseen_sources.py`, as Markdown, from the numbers of each image that it kept.

    python benchmarks/unseen_tables.py --data ../shared/data

First the ablation: what each change to the recipe does to a source that was left out, against the recipe
without it, image by image, with the 95 % interval of a bootstrap by patient. A campaign is a folder of
results; recipes are compared within one, since another precision or commit trains another network, and a
recipe of several campaigns has a row in each. Then the sources left out in turn, before and after, at each
size over all seeds that were trained; then the same by the size of the heart and by the contrast of the
image. Only trainings whose results are there are shown.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
from intervals import mean_and_span, worst_decile
from unseen_plan import CHANGES, FOLDS, SHIPPED, name_of
from unseen_sources import ORGANS, RESULTS

from cxrtk.evaluation.bootstrap import means_by_patient

Numbers = npt.NDArray[np.float64]
Row = Mapping[str, float | str | None]
RESAMPLES = 10_000
ABLATION_SIZE = 128
ABLATED = ("jsrt", "wingspan")  # the sources that the ablation leaves out
OVERLAP = 0.07  # above it the lungs of wingspan were drawn into the heart; see the README of the data


@dataclass(frozen=True)
class Result:
    """The numbers of one training.

    Attributes:
        recipe: Changes laid over ``before``, or the bundle that ships.
        fold: The source left out.
        size: Of the network's images.
        epochs: Of the training.
        seed: Of the training.
        commit: Of the code.
        campaign: Name of the folder of the results, such as ``fp32``.
        rows: Name of a column -> value, of each image.
    """

    recipe: tuple[str, ...]
    fold: str
    size: int
    epochs: int
    seed: int
    commit: str
    campaign: str
    rows: Sequence[Row]

    @property
    def name(self) -> str:
        """Of the recipe, as tables have it."""
        return name_of(self.recipe)

    def column(self, name: str) -> Numbers:
        """(N,) of the images; NaN where there is none."""
        return np.array([np.nan if row[name] is None else float(row[name] or 0.0) for row in self.rows])

    def patients(self) -> list[str]:
        """Whose each image is."""
        return [str(row["patient"]) for row in self.rows]


def read(folder: Path) -> list[Result]:
    """All results that are there."""
    found = []
    for path in sorted(folder.rglob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = [dict(zip(content["columns"], row, strict=True)) for row in content["rows"]]
        about = [content[key] for key in ("left_out", "image_size", "epochs", "seed", "commit")]
        found.append(Result(tuple(content["recipe"]), *about, path.parent.name, rows))
    return found


# The ablation


def ablation(results: Sequence[Result]) -> str:
    """Each change against the recipe "sources" of its campaign; numbers alone where that was not trained."""
    found: dict[tuple[str, ...], dict[str, dict[str, Result]]] = {}  # recipe -> campaign -> fold
    for result in results:
        if result.size == ABLATION_SIZE and result.seed == 0 and result.recipe != SHIPPED:
            found.setdefault(result.recipe, {}).setdefault(result.campaign, {})[result.fold] = result
    heads = [f"{fold}: lungs | heart" for fold in ABLATED]
    lines = [f"| recipe | campaign | {' | '.join(heads)} | lungs, less `sources` (95 %) | kept |"]
    lines.append("| --- " * (4 + 2 * len(ABLATED)) + "|")
    recipes: list[tuple[str, ...]] = [(), ("sources",), *(("sources", change) for change in CHANGES)]
    recipes += [recipe for recipe in found if recipe not in recipes]
    for recipe in recipes:
        whole = {
            campaign: folds
            for campaign, folds in found.get(recipe, {}).items()
            if set(ABLATED) <= folds.keys()
        }
        for campaign, folds in whole.items():
            base = found.get(("sources",), {}).get(campaign, {})
            lines.append(compared(recipe, campaign, folds, base))
        if not whole:
            empty = "| " * (2 * len(ABLATED) + 1)
            lines.append(f"| `{name_of(recipe)}` {empty}| not tried | |")
    return "\n".join(lines)


def compared(
    recipe: tuple[str, ...], campaign: str, folds: Mapping[str, Result], base: Mapping[str, Result]
) -> str:
    """A row of the ablation."""
    cells = [mean(folds[fold].column(f"{organ}_dice")) for fold in ABLATED for organ in ("lungs", "heart")]
    change, kept = "", ""
    if recipe != ("sources",) and set(ABLATED) <= base.keys():
        change_mean, low, high = gain([(folds[fold], base[fold]) for fold in ABLATED])
        change = f"{change_mean:+.4f} ({low:+.4f} to {high:+.4f})"
        kept = ("yes" if low > 0 else "no") if recipe else ""
    return f"| `{name_of(recipe)}` | {campaign} | {' | '.join(cells)} | {change} | {kept} |"


def gain(
    pairs: Sequence[tuple[Result, Result]], column: str = "lungs_dice", seed: int = 0
) -> tuple[float, float, float]:
    """Mean over the sources of the mean difference, and its 95 % interval; patients are drawn within each."""
    rng = np.random.default_rng(seed)
    means, drawn = [], []
    for one, other in pairs:
        differences = means_by_patient((one.column(column) - other.column(column)).tolist(), one.patients())
        means.append(differences.mean())
        places = rng.integers(len(differences), size=(RESAMPLES, len(differences)))
        drawn.append(differences[places].mean(axis=1))
    low, high = np.percentile(np.mean(drawn, axis=0), [2.5, 97.5])
    return float(np.mean(means)), float(low), float(high)


# The sources left out


def trained(results: Sequence[Result], fold: str) -> Iterator[list[Result]]:
    """The trainings without one source, a seed each: before and after, at each size, the largest first."""
    sizes = sorted({result.size for result in results if result.recipe == SHIPPED}, reverse=True)
    for about in product([fold], sizes, ((), SHIPPED)):
        if seeds := [result for result in results if (result.fold, result.size, result.recipe) == about]:
            yield seeds


def left_out(results: Sequence[Result], overlaps: Mapping[str, float]) -> str:
    """Each source, before and after."""
    lines = [
        "| left out | n | px | recipe | seeds | lungs Dice (95 %) | SD of seeds | worst decile | HD95 % "
        "| right | left | heart Dice | HD95 % | CTR error |",
        "| --- " * 14 + "|",
    ]
    for fold, clean in (("jsrt", False), ("openist", False), ("wingspan", False), ("wingspan", True)):
        for seeds in trained(results, fold):
            kept = [not clean or overlaps.get(str(row["image"]), 0.0) <= OVERLAP for row in seeds[0].rows]
            name = f"{fold}, heart not drawn over" if clean else fold
            lines.append(line(name, seeds, np.array(kept)))
    return "\n".join(lines)


def line(name: str, seeds: Sequence[Result], kept: npt.NDArray[np.bool_]) -> str:
    """One row; numbers of an image are first averaged over the seeds, and the worst decile within each."""
    patients = [patient for patient, keep in zip(seeds[0].patients(), kept, strict=True) if keep]
    columns = {
        f"{organ}_{number}": np.array([each.column(f"{organ}_{number}")[kept] for each in seeds])
        for organ in ORGANS
        for number in ("dice", "hd95")
    }  # (seeds, images)
    lungs = columns["lungs_dice"]
    spread = f"{lungs.mean(axis=1).std(ddof=1):.4f}" if len(seeds) > 1 else ""
    errors = [np.abs(each.column("ctr") - each.column("ctr_truth"))[kept] for each in seeds]
    cells = [
        mean_and_span(lungs.mean(axis=0), patients),
        spread,
        f"{np.mean([worst_decile(values) for values in lungs]):.4f}",
        f"{columns['lungs_hd95'].mean():.2f}",
        *(mean(columns[f"{side}_dice"]) for side in ("right_lung", "left_lung", "heart")),
        mean(columns["heart_hd95"], 2),
        mean(np.array(errors)),
    ]
    about = f"{name} | {int(kept.sum())} | {seeds[0].size} | `{seeds[0].name}` | {len(seeds)}"
    return f"| {about} | {' | '.join(cells)} |"


def mean(values: Numbers, digits: int = 4) -> str:
    """Mean of what there is; a dash where the source has no such label."""
    return "-" if np.isnan(values).all() else f"{np.nanmean(values):.{digits}f}"


# By what the images show


def terciles(results: Sequence[Result], column: str) -> str:
    """Lungs and heart of each third of the images of a source, by a column."""
    lines = [
        f"| left out | px | recipe | third by {column} | n | lungs Dice | heart Dice |",
        "| --- " * 7 + "|",
    ]
    for fold in FOLDS:
        for seeds in trained(results, fold):
            if np.isnan(seeds[0].column(column)).all():
                continue
            values = seeds[0].column(column)
            ends = np.nanquantile(values, [0, 1 / 3, 2 / 3, 1])
            for number, name in enumerate(("lowest", "middle", "highest")):
                within = (values >= ends[number]) & ((values < ends[number + 1]) | (number == 2))
                cells = [
                    mean(np.array([each.column(f"{organ}_dice")[within] for each in seeds]))
                    for organ in ("lungs", "heart")
                ]
                span = f"{name}, {ends[number]:.2f} to {ends[number + 1]:.2f} | {within.sum()}"
                about = f"{fold} | {seeds[0].size} | `{seeds[0].name}`"
                lines.append(f"| {about} | {span} | {' | '.join(cells)} |")
    return "\n".join(lines)


def overlaps_of(data: Path) -> dict[str, float]:
    """Image of wingspan -> how much of its lungs was drawn over the heart."""
    with (data / "wingspan" / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return {f"wingspan/{row['stem']}": float(row["lung_overlap_heart"]) for row in csv.DictReader(file)}


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the numbers")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CXRTK_DATA", "../shared/data")))
    options = parser.parse_args()
    results = read(options.results)
    commits = sorted({result.commit[:12] for result in results})
    print(f"{len(results)} trainings, at the commits {', '.join(commits)}.\n")
    tables = [ablation(results), left_out(results, overlaps_of(options.data))]
    tables += [terciles(results, "ctr_truth"), terciles(results, "contrast")]
    print("\n\n".join(table for table in tables if len(table.splitlines()) > 2))  # more than the head


if __name__ == "__main__":
    main()
