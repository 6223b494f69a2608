"""What -1 and blank mean."""

from collections.abc import Sequence

import pytest

from cxrtk import ConfigError, DataError, labels

ROW = {"Edema": "1.0", "Mass": "-1.0", "Fracture": "", "Hernia": "0.0", "Nodule": "-1"}
NAMES = tuple(ROW)


@pytest.mark.parametrize(
    ("uncertain", "blank", "findings"),
    [
        ("negative", "negative", ("Edema",)),
        ("positive", "negative", ("Edema", "Mass", "Nodule")),
        ("leave_out", "negative", None),
        ("negative", "leave_out", None),
    ],
)
def test_policies(uncertain: str, blank: str, findings: tuple[str, ...] | None) -> None:
    """Both are told beside the findings, whatever they count as."""
    found = labels.FindingPolicy(NAMES, None, uncertain, blank).findings_of(ROW)
    if findings is None:
        assert found is None
    else:
        assert found == {"findings": findings, "uncertain": ("Mass", "Nodule"), "blank": ("Fracture",)}


def test_only_the_findings_asked_for_count() -> None:
    """A blank elsewhere leaves no image out, and nothing found is said so."""
    found = labels.FindingPolicy(NAMES, ["Hernia"], "leave_out", "leave_out").findings_of(ROW)
    assert found == {"findings": ("No Finding",), "uncertain": (), "blank": ()}


@pytest.mark.parametrize("text", ["2.0", "yes", "nan", "1.5"])
def test_other_values_are_refused(text: str) -> None:
    """With the finding's name."""
    with pytest.raises(ValueError, match=f"Edema is '{text}', which is none of 1, 0, -1 and blank"):
        labels.FindingPolicy(["Edema"]).findings_of({"Edema": text})


@pytest.mark.parametrize(("uncertain", "blank"), [("zeros", "negative"), ("negative", "positive")])
def test_other_policies_are_refused(uncertain: str, blank: str) -> None:
    """With those there are."""
    with pytest.raises(ConfigError, match="must be one of negative"):
        labels.FindingPolicy(NAMES, None, uncertain, blank)


@pytest.mark.parametrize("findings", [[], ["Oedema"], "Edema"])
def test_other_findings_are_refused(findings: Sequence[str]) -> None:
    """With those there are."""
    with pytest.raises(DataError, match="findings must be a list of Edema, Mass"):
        labels.FindingPolicy(NAMES, findings)
