"""Paths, times, versions and digests go; all else stays."""

from hashlib import sha256

import pytest

import cxrtk
from tests.golden.normalise import REPOSITORY, digests_of, normalise, unpadded


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("convert: ━━━━━━━━━━━━━━━━━━━━ 100% 0:00:02", "convert: BAR 100%"),
        ("segment: ━━━━━          5/12 17.3 images/s 0:00:01", "segment: BAR 5/12"),
        ('"seconds": 12.5,', '"seconds": TIME,'),
        ("2026-11-28 (UTC), read on 2026-11-28", "DAY (UTC), read on 2026-11-28"),
        (f'"version": "{cxrtk.__version__}"', '"version": "VERSION"'),
        (f"area 1{cxrtk.__version__}", f"area 1{cxrtk.__version__}"),
        (f"{REPOSITORY}/cxrtk/x.py:12: UserWarning: no", "REPOSITORY/cxrtk/x.py: UserWarning: no"),
        ("0.123456789, 12:34, a/b.py", "0.123456789, 12:34, a/b.py"),
    ],
)
def test_what_goes_and_what_stays(text, plain, tmp_path):
    """One line each."""
    assert normalise(f"before\n{text}", tmp_path, {}) == f"before\n{plain}"


def test_padding_ends_with_the_text():
    """That between columns stays."""
    assert unpadded("name  path   \na     /x\n  \n") == "name  path\na     /x\n\n"


def test_a_digest_becomes_the_name_of_its_file(tmp_path):
    """An unknown one stays, as it is that of no file."""
    output = tmp_path / "out" / "case"
    output.mkdir(parents=True)
    (output / "a.png").write_bytes(b"mask")
    known, unknown = sha256(b"mask").hexdigest(), sha256(b"other").hexdigest()
    text = normalise(f"{known} {unknown} {tmp_path}/in", tmp_path, digests_of(tmp_path, output))
    assert text == f"SHA-256(out/case/a.png) {unknown} WORK/in"


def test_made_identifiers_are_numbered(tmp_path):
    """So that two that were one still are."""
    root = "1.2.826.0.1.3680043.8.498."
    text = f"{root}{'1' * 30} {root}{'2' * 30} {root}{'1' * 30} 1.2.840.10008.1.2"
    assert normalise(text, tmp_path, {}) == "UID-1 UID-2 UID-1 1.2.840.10008.1.2"
