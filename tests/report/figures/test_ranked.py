"""Groups of a figure."""

from cxrtk.report.figures import ranked


def test_groups_that_do_not_fit_are_said():
    """Seven are drawn of nine, the largest."""
    groups = {f"g{number}": [0.9] * (number + 1) for number in range(9)}
    assert "2 smaller groups are not drawn" in ranked.draw(groups, column="view").says


def test_the_caption_has_worst_median_and_best():
    """Of all images together, and of each group."""
    assert ranked.draw({"": [0.5, 0.9, 0.7]}).says == "Worst 0.5000, median 0.7000, best 0.9000 (3 images)."
    drawn = ranked.draw({"AP": [0.5, 0.9], "PA": [0.8]}, column="view position")
    assert drawn.name == "ranked_view_position"
    assert drawn.says.startswith("AP: worst 0.5000, median 0.7000, best 0.9000 (2 images); PA: worst 0.8000")
