"""The sections."""

from cxrtk.cli.diagnosis.examine import SECTIONS


def test_what_is_looked_at():
    """The groups follow the order of the report: the machine, the requirements, the capabilities."""
    assert list(SECTIONS) == [
        "machine", "packages", "devices and backends", "codecs of DICOM", "models", "plugins",
    ]  # fmt: skip
