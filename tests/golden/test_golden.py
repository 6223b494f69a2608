"""Every verb gives the outputs, messages and exit codes that are recorded; `make golden` records them."""

import re

import pytest

import cxrtk
from tests.golden import masks
from tests.golden.cases import CASES, VERBS, Case
from tests.golden.compare import differences, strictness
from tests.golden.conftest import ENVIRONMENT, PLUGINS, RECORDED
from tests.golden.environment import Environment
from tests.golden.normalise import REPOSITORY
from tests.golden.play import play
from tests.golden.transcript import read, write


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_outputs_are_as_recorded(case: Case, work, renew, hurry, use_plugin_folders):
    """All that a case prints and writes, section by section."""
    use_plugin_folders(PLUGINS, *([work / case.plugins] if case.plugins else []))
    text = write(play(case, work))
    path = RECORDED / f"{case.id}.txt"
    if renew:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        masks.keep(case, work, RECORDED)
        return
    how = strictness(Environment.read(ENVIRONMENT), Environment.here(), exact=case.exact)
    golden = read(path.read_text(encoding="utf-8"))
    found = [*differences(golden, read(text), how), *masks.moved(case, work, RECORDED)]
    if found:
        listed = "\n\n".join(found)
        what = f"cxrtk {case.verb}, case {case.name}: {len(found)} differences from {path.name}"
        pytest.fail(f"{what}.\n\n{listed}\n\nIf this is meant, run `make golden`.", pytrace=False)


def test_every_verb_has_a_case():
    """Those that `cxrtk --help` lists."""
    from cxrtk.cli.app import app

    assert {command.name for command in app.registered_commands} == set(VERBS)
    assert {case.verb for case in CASES} >= set(VERBS)


def test_nothing_else_is_recorded():
    """No file is left of a case that is gone, and together they stay small."""
    files = {path for path in RECORDED.rglob("*") if path.is_file()}
    known = {RECORDED / f"{case.id}.txt" for case in CASES}
    known |= {RECORDED / case.id / name for case in CASES for name in case.masks}
    assert files == {*known, ENVIRONMENT}
    assert sum(path.stat().st_size for path in files) < 1_000_000


def test_the_recorded_versions_are_those_of_today():
    """With others, digests would be compared no more, and nobody would notice."""
    pinned = dict(
        re.findall(r"^([\w-]+)==(\S+)$", (REPOSITORY / "constraints.txt").read_text(), re.MULTILINE)
    )
    recorded = Environment.read(ENVIRONMENT)
    assert recorded.libraries == {name: pinned[name] for name in recorded.libraries}
    assert recorded.packers["cxrtk"] == cxrtk.__version__
