"""A case, played: its commands run, and all that came of it as a transcript."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.golden.cases import Case
from tests.golden.command import run
from tests.golden.content import content_of
from tests.golden.normalise import digests_of, normalise, unpadded
from tests.golden.transcript import Section


def play(case: Case, work: Path) -> list[Section]:
    """Run the commands of a case in a folder that holds the inputs; look at what they printed and wrote."""
    output = work / case.output
    assert not output.exists(), f"{output}: was there before the case began."
    printed = list(_steps(case, work))
    digests = digests_of(work, output)

    def plain(text: str) -> str:
        return normalise(text, work, digests)

    return [
        *(Section(name, unpadded(plain(text))) for name, text in printed),
        *(
            Section(f"file {plain(path.relative_to(output).as_posix())}", **vars(content_of(path, plain)))
            for path in sorted(output.rglob("*"))
            if path.is_file()
        ),
    ]


def _steps(case: Case, work: Path) -> Iterator[tuple[str, str]]:
    for number, words in enumerate(case.words(), start=1):
        if words[:1] == ["rm"]:
            (work / words[1]).unlink()
        elif words[:1] == ["cp"]:
            shutil.copytree(work / words[1], work / words[2])
        else:
            yield from _command(number, words, work)


def _command(number: int, words: list[str], work: Path) -> Iterator[tuple[str, str]]:
    ended = run(words, work)
    yield f"{number}: cxrtk {' '.join(words)}", f"exit code {ended.exit}"
    yield f"{number}: stdout", ended.out
    yield f"{number}: stderr", ended.err
