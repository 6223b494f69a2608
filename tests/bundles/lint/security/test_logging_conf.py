"""``logging.conf``: what `logging.config` would evaluate or open is refused, as read by its own parser."""

import time

import pytest

from cxrtk.bundles.lint.issue import Report
from cxrtk.bundles.lint.security.logging_conf import check_logging
from tests.bundles.lint.logging_text import TEXT


def found(tmp_path, handler, formatter="", head="", level="INFO") -> list[str]:
    """Issues of a file with these options."""
    path = tmp_path / "logging.conf"
    path.write_text(TEXT.format(handler=handler, formatter=formatter, head=head, level=level))
    report = Report()
    check_logging(path, "runs", report)
    assert all(issue.kind == "security" for issue in report.issues([]) if issue.line)
    return [str(issue) for issue in report.issues([])]


@pytest.mark.parametrize(
    "handler",
    [
        "",
        "class=StreamHandler\nargs=(sys.stdout,)",
        "class=StreamHandler\nkwargs={'stream': sys.stderr}",
        "class=logging.StreamHandler",
        "class=NullHandler\nargs=()",
        "class=FileHandler\nargs=('runs/all.log',)",
        "class=logging.FileHandler\nkwargs={'filename': 'runs/today/all.log'}",
    ],
)
def test_plain_handlers(handler, tmp_path):
    """Streams, and files that grow below the folder of runs, as in the configs of MONAI's model zoo."""
    assert found(tmp_path, handler, "class=logging.Formatter") == []


@pytest.mark.parametrize(
    "handler",
    [
        "class=FileHandler\nargs=('victim.txt','w')",
        "class=FileHandler\nargs=('victim.log',)",
        "class=FileHandler\nargs=('/tmp/victim.log',)",
        "class=FileHandler\nargs=('runs/../victim.log',)",
        "class=FileHandler\nargs=('runs/all.log','w')",
        "class=FileHandler\nargs=('runs/all.log',)\nkwargs={'mode': 'w'}",
        "class=FileHandler\nargs=('runs/run.json',)",
        "class=FileHandler",
        "class=handlers.RotatingFileHandler\nargs=('runs/all.log',)",
        "class=handlers.SocketHandler\nargs=('example.org', 1)",
        "class=StreamHandler\nargs=(open('victim.txt','w'),)",
        "class=StreamHandler\nkwargs={'stream': open('victim.txt','w')}",
        "class=StreamHandler\nargs=('a' 'b',)",
        "class=StreamHandler\nargs=(sys.modules,)",
        "class=StreamHandler\nargs=[sys.stdout for _ in ()]",
        "class=__import__('os').mknod('victim')",
        "args=(lambda: 0,)",
    ],
)
def test_other_handlers(handler, tmp_path):
    """Anything else is refused, with its line."""
    (line,) = found(tmp_path, handler)
    assert "logging.conf:1" in line and " handler_h#" in line


@pytest.mark.parametrize(
    ("handler", "head"),
    [
        ("class=StreamHandler\nargs=('%(q)s',)", "[DEFAULT]\nq=',open('marker','w'),'\n"),
        ("class=%(q)s", "[DEFAULT]\nq=__import__('os').mknod('marker')\n"),
        ("class=StreamHandler\nq=open('marker','w')\nargs=(%(q)s,)", ""),
        ("class=StreamHandler\nkwargs={'stream': %(q)s}\nq=1", ""),
    ],
)
def test_interpolation(handler, head, tmp_path):
    """Options that are put together from others are refused: they are evaluated as they come out."""
    (line,) = found(tmp_path, handler, head=head)
    assert "built from other options" in line


def test_arguments_for_all_handlers(tmp_path):
    """What stands in [DEFAULT] holds for each section, and is looked at there."""
    assert "args or kwargs" in found(tmp_path, "", head="[DEFAULT]\nargs=(open('a','w'),)\n")[0]


@pytest.mark.parametrize(
    "formatter", ["class=evil.Formatter", "class=Formatter", "defaults={'a': open('marker', 'w')}"]
)
def test_formatters(formatter, tmp_path):
    """A class that would be imported, and defaults, which are evaluated, are refused."""
    (line,) = found(tmp_path, "", formatter)
    assert " formatter_f#" in line


def test_an_interpolation_bomb(tmp_path):
    """Options that hold one another ten times over take no time."""
    names = [f"a{i}={f'%(a{i - 1})s' * 9}" for i in range(1, 10)]
    begin = time.monotonic()
    lines = found(tmp_path, "", head="[DEFAULT]\na0=xxxxxxxxx\n" + "\n".join(names) + "\n", level="%(a9)s")
    assert len(lines) == 1 and time.monotonic() - begin < 5


def test_no_logging_file(tmp_path):
    """A file that cannot be parsed, or is far too large, is one line."""
    path = tmp_path / "logging.conf"
    for text in ("[a\n", "[a]\n" + "b=1\n" * 50_000, "[a]\nargs=1%\n"):
        path.write_text(text)
        report = Report()
        check_logging(path, "runs", report)
        (issue,) = report.issues([])
        assert "cannot be read" in str(issue)
