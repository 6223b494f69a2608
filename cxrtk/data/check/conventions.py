"""Heart convention of a set of lung masks, estimated from the masks and compared with their labels.

Where the heart is excluded, the gap between the lungs widens downwards to the width of the heart; where the
lungs are drawn through it, the gap stays about as wide as the spine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxrtk.data.check.examine import Examined
from cxrtk.data.check.issue import Issue

# Threshold on the growth, in widths of both lungs; it misclassifies 7 of 881 hand-drawn masks.
EXCLUDED_ABOVE = 0.08
# Fractions of a set that still count as one convention.
FEW, MOST = 0.1, 0.9
LEAST_MASKS = 10


def convention_issues(labels: Sequence[Examined]) -> Iterator[Issue]:
    """Compare the labels' heart convention and origin over a set with its masks.

    Args:
        labels: Results for the images that have a label.
    """
    kinds = sorted({f"{seen.truth}, heart {seen.heart}" for seen in labels})
    if len(kinds) > 1:
        yield Issue("conventions_mixed", (), "; ".join(kinds))
    for stated in sorted({str(seen.heart) for seen in labels}):
        yield from _of_one([seen for seen in labels if seen.heart == stated], stated)


def _of_one(labels: Sequence[Examined], stated: str) -> Iterator[Issue]:
    growths = [seen.gap_growth for seen in labels if seen.gap_growth is not None]
    said = "state it in about.json, or as heart="
    if len(growths) < LEAST_MASKS:
        if stated == "unknown":
            yield Issue("heart_unknown", (), said)
        return
    count = sum(growth > EXCLUDED_ABOVE for growth in growths)
    share = count / len(growths)
    drawn = f"{count} of {len(growths)} masks look as if the heart were excluded"
    if FEW < share < MOST:
        yield Issue("conventions_mixed", (), drawn)
    elif stated == "unknown":
        yield Issue("heart_unknown", (), f"{drawn}; {said}")
    elif (stated == "excluded") != (share > MOST / 2):
        yield Issue("heart_contradicted", (), f"the stated convention is {stated}, but {drawn}")
