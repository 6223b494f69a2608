"""Requirements of cxrtk, against what is installed."""

from email.message import Message

import pytest
from packaging.requirements import Requirement

from cxrtk.cli.diagnosis.finding import BROKEN, MISSING, OK
from cxrtk.cli.diagnosis.packages import examine, found, licence, requirements


def test_all_requirements_are_looked_at():
    """Those of cxrtk itself without an extra, others with theirs."""
    known = {(requirement.name, extra) for requirement, extra in requirements()}
    assert {("torch", ""), ("openvino", "openvino"), ("ray", "ray")} <= known
    assert ("openvino", "") not in known


def test_nothing_is_broken_here():
    """The tests would not run without what is required; extras of developers are left out."""
    findings = list(examine())
    assert not [each for each in findings if each.state == BROKEN]
    assert "pytest" not in {each.name for each in findings}


@pytest.mark.parametrize(
    ("line", "extra", "state", "said"),
    [
        ("torch>=2.0", "", OK, "licence: "),
        ("torch>=99", "", BROKEN, "needed >=99"),
        ("no-such-package", "", BROKEN, "not installed"),
        ("no-such-package", "openvino", MISSING, "not installed, for --backend openvino"),
        ("no-such-package", "another", MISSING, "not installed, for the extra another"),
    ],
)
def test_what_is_found_of_one(line, extra, state, said):
    """Its state, and what it is for."""
    finding = found(Requirement(line), extra)
    assert finding.state == state and said in finding.detail
    assert bool(finding.cure) == (state != OK)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("License-Expression", "MIT"), ("License", "see LICENSE")], "MIT"),
        ([("Classifier", "License :: OSI Approved :: MIT License")], "MIT License"),
        ([("Classifier", "License :: OSI Approved"), ("License", "Apache 2.0\nmore")], "Apache 2.0"),
        ([("License", "\n" + "word " * 30)], f"{'word ' * 12}..."),
        ([], "none stated"),
    ],
)
def test_the_licence_of_a_package(headers, expected):
    """The newest metadata field is used, and a long text is shortened."""
    about = Message()
    for name, value in headers:
        about[name] = value
    assert licence(about) == expected
