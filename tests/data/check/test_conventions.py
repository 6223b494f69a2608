"""Whether masks run through the heart: by hand on rectangles, and on sets whose convention is known."""

import numpy as np
import pytest

from cxrtk import readers
from cxrtk.data.check.conventions import EXCLUDED_ABOVE, convention_issues
from cxrtk.data.check.examine import Examined
from cxrtk.data.check.masks import gap_growth


def lungs(upper: int, lower: int) -> np.ndarray:
    """100 x 100, all lung but gaps of these widths in the upper and the lower half."""
    mask = np.ones((100, 100), bool)
    mask[:50, 50 - upper // 2 : 50 + upper // 2] = False
    mask[50:, 50 - lower // 2 : 50 + lower // 2] = False
    return mask


@pytest.mark.parametrize(
    ("mask", "growth"),
    [
        (lungs(10, 10), 0.0),
        (lungs(10, 40), 0.3),
        (lungs(0, 20), 0.2),
        (lungs(20, 0), -0.2),
        (np.pad(lungs(10, 40), 50), 0.3),  # of the lungs' own height and width, wherever they lie
        (np.zeros((10, 10), bool), None),
    ],
)
def test_growth_by_hand(mask, growth):
    """The lower gap less the upper one, in widths of both lungs."""
    assert gap_growth(mask) == (growth if growth is None else pytest.approx(growth))


def seen(heart: str, *growths: float) -> list[Examined]:
    return [Examined(truth="human", heart=heart, gap_growth=growth) for growth in growths]


@pytest.mark.parametrize(
    ("labels", "codes", "said"),
    [
        (seen("excluded", *[0.2] * 10), [], ""),
        (seen("included", *[0.0] * 10), [], ""),
        (
            seen("excluded", *[0.0] * 10),
            ["heart_contradicted"],
            "the stated convention is excluded, but 0 of 10",
        ),
        (
            seen("included", *[0.2] * 10),
            ["heart_contradicted"],
            "the stated convention is included, but 10 of 10",
        ),
        (seen("excluded", *[0.0] * 9), [], ""),  # too few to say
        (seen("excluded", *[0.2] * 9, 0.0), [], ""),  # one in ten may look otherwise
        (seen("excluded", *[0.2] * 6, *[0.0] * 4), ["conventions_mixed"], "6 of 10"),
        (seen("unknown", *[0.2] * 10), ["heart_unknown"], "10 of 10 masks look as if"),
        (seen("unknown", 0.2), ["heart_unknown"], "state it in about.json"),
        (seen("excluded", 0.2) + seen("included", 0.0), ["conventions_mixed"], "excluded; human, heart incl"),
    ],
)
def test_what_a_set_says(labels, codes, said):
    """Statements against pictures; with less than ten masks, or one odd one in ten, nothing is claimed."""
    found = list(convention_issues(labels))
    assert [issue.code for issue in found] == codes
    assert said in "".join(issue.detail for issue in found)


@pytest.mark.parametrize(
    ("name", "excluded"), [("jsrt", True), ("openist", True), ("covid_v7", False), ("kermany_v7", False)]
)
def test_real_sets(cxrtk_data, name, excluded):
    """Every sixth mask: at most one is on the wrong side of the bound."""
    reader = readers.create("image_mask_folder", root=cxrtk_data / name)
    growths = [gap_growth(reader.read_label(item).lungs().astype(bool)) for item in reader.items()[::6]]
    wrong = sum((growth > EXCLUDED_ABOVE) != excluded for growth in growths)
    assert len(growths) > 25 and wrong <= 1
