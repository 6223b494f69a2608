"""benchmarks/quality_flag.py: AUC and counts of a flag, from the Dice and the score of each image."""

import pytest


@pytest.fixture
def rows(load_benchmark, capsys):
    """A function: Dice, score and ok by corruption and severity -> name of a row -> its cells."""
    script = load_benchmark("quality_flag")

    def rows(corrupted):
        script.corrupted({"corrupted": corrupted})
        found = [line.strip("| ").split("|") for line in capsys.readouterr().out.splitlines()[2:]]
        return [[cell.strip() for cell in row] for row in found]

    return rows


FOUR_GOOD = [(0.97, 0.9, 1.0), (0.96, 0.8, 1.0), (0.95, 0.7, 0.0), (0.91, 0.3, 0.0)]


def test_severities_with_few_or_many_bad_masks_are_not_pooled(rows):
    """One of five is bad at severity 2, none at 1, and all at 3; the bad one has a lower score than three."""
    bad = (0.5, 0.4, 1.0)
    found = rows({"blur": {"1": FOUR_GOOD, "2": [*FOUR_GOOD, bad], "3": [bad]}})
    assert found[0] == [
        "blur",
        "2",
        "0.750 (1 of 5 bad)",
        "0.250 to 1.000",  # of the resamples with both kinds, 1.4 % have 0 and 2.9 % have 0.25, by counting
        "1 of 1 bad ones are ok, 2 of 4 good ones are not",
    ]
    assert found[1][:1] + found[1][-3:] == ["all of these", *found[0][-3:]]
    assert found[3][2] == "0.750 (2 of 10 bad)"
    assert found[3][-1] == "2 of 2 bad ones are ok, 4 of 8 good ones are not"


def test_masks_that_are_hardly_better_or_worse_than_the_step_have_a_row_without_them(rows):
    """Of the bad masks 0.88, of the good ones 0.91 are near 0.90; the others are told apart."""
    found = rows({"blur": {"1": [*FOUR_GOOD, (0.88, 0.85, 1.0), (0.5, 0.1, 0.0)]}})
    assert found[1][2] == "0.625 (2 of 6 bad)"  # of the eight pairs, five are in order
    assert found[2][0] == "- without Dice 0.87 to 0.93"
    assert found[2][2:] == [
        "1.000 (1 of 4 bad)",
        "1.000 to 1.000",
        "0 of 1 bad ones are ok, 1 of 3 good ones are not",
    ]
    assert found[4] == found[2]


def test_rows_of_one_image_are_drawn_together(rows):
    """Of two images the AUC is 0 for one alone and 1/4 for both; single rows would give up to 1."""
    found = rows(
        {"blur": {"1": [(0.5, 0.6, 1.0), (0.95, 0.3, 1.0)], "2": [(0.95, 0.5, 1.0), (0.5, 0.4, 1.0)]}}
    )
    assert found[0][1] == "none: 50%, 50% are bad"
    assert found[1][0] == "every severity of every corruption"
    assert found[1][2:4] == ["0.250 (2 of 4 bad)", "0.000 to 0.250"]


def test_without_bad_masks_there_is_no_auc(rows):
    """Nor an interval."""
    found = rows({"blur": {"1": [*FOUR_GOOD, (0.88, 0.4, 1.0)]}})
    assert found[2][2:4] == ["- (0 of 3 bad)", "-"]
