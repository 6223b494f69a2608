"""The section that compares two batches."""

from cxrtk.report.compared_batches import Batches, compared
from cxrtk.report.measured import measured
from tests.report.test_drift_tables import HERE, THERE


def test_it_says_what_it_can_and_cannot_tell():
    """Sizes, both tables, and the sentences."""
    found = compared(Batches("feb\u202eruary", measured(in_mm=True), HERE, THERE))
    assert "10 images of this page" in found.lead and "\u202e" not in found.lead
    assert [table.name for table in found.tables] == ["drift_measures", "drift_flags"]
    assert found.can and any("why batches differ" in sentence for sentence in found.cannot)
