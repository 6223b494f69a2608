"""The sections."""

from cxrtk.cli.diagnosis.examine import SECTIONS


def test_what_is_looked_at():
    """In the order of a report: what this is, what it needs, what it can do."""
    assert list(SECTIONS) == [
        "machine", "packages", "devices and backends", "codecs of DICOM", "models", "plugins",
    ]  # fmt: skip
