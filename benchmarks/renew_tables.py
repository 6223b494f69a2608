r"""Measure the shipped models anew, and write every table of docs/model_card.md and docs/quality.md.

    python benchmarks/renew_tables.py                  # all of them, which takes hours
    python benchmarks/renew_tables.py --only flag,heart
    python benchmarks/renew_tables.py --list

To be run whenever the pixels, the measures or the weights change. A table of a page stands between
``<!-- begin NAME -->`` and ``<!-- end NAME -->``, and is replaced by what its command prints; the text around
it is not changed, so read it again. The numbers of each image that one command writes for another are kept
in --work.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"


@dataclass(frozen=True)
class Table:
    """One table, or several that one command prints.

    Attributes:
        name: As in the marks of the page.
        page: File of `DOCS`.
        command: Script of this folder, and its arguments; ``WORK`` stands for the folder of --work.
    """

    name: str
    page: str
    command: str

    def words(self, work: Path) -> list[str]:
        """Return the arguments of a process."""
        script, *arguments = shlex.split(self.command.replace("WORK", str(work)))
        return [sys.executable, str(HERE / script), *arguments]


# In the order in which they are made: `flag` reads what `robustness` writes.
TABLES = (
    Table("accuracy", "model_card.md", "lungs_model.py --model lungs,lungs-open"),
    Table("robustness", "model_card.md", "robustness.py --beyond --every 3 --output WORK/robustness.json"),
    Table("unseen", "model_card.md", "unseen_tables.py"),
    Table("flag", "quality.md", "quality_flag.py --robustness WORK/robustness.json"),
    Table("heart", "quality.md", "heart_and_ratio.py"),
    Table("calibration", "quality.md", "calibration.py"),
    Table("files", "quality.md", "file_doubts.py"),
)


def replaced(text: str, name: str, table: str) -> str:
    """Return a page with the table of this name.

    Raises:
        ValueError: The page does not have its marks exactly once.
    """
    marks = rf"(<!-- begin {re.escape(name)} -->\n).*?(<!-- end {re.escape(name)} -->)"
    found = re.findall(marks, text, flags=re.DOTALL)
    if len(found) != 1:
        raise ValueError(f"the marks of the table {name} stand {len(found)} times in its page, not once")
    return re.sub(marks, lambda match: f"{match[1]}{table.strip()}\n{match[2]}", text, flags=re.DOTALL)


def renew(table: Table, work: Path) -> None:
    """Run the command, and write what it prints into the page."""
    print(f"{table.name}: python benchmarks/{table.command}", flush=True)
    printed = subprocess.run(table.words(work), stdout=subprocess.PIPE, text=True, check=True).stdout
    page = DOCS / table.page
    page.write_text(replaced(page.read_text(encoding="utf-8"), table.name, printed), encoding="utf-8")


def main() -> None:
    """Renew the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", help="names of tables, comma-separated")
    parser.add_argument("--work", type=Path, default=Path("runs/tables"), help="folder of the numbers")
    parser.add_argument("--data", type=Path, help="folder of the data sets; default: CXRTK_DATA")
    parser.add_argument("--list", action="store_true", help="print names, pages and commands only")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else [table.name for table in TABLES]
    if unknown := set(chosen) - {table.name for table in TABLES}:
        parser.error(f"there is no table {', '.join(sorted(unknown))}; see --list")
    if options.data:
        os.environ["CXRTK_DATA"] = str(options.data.resolve())
    options.work.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        if options.list:
            print(f"{table.name:12} {table.page:14} python benchmarks/{table.command}")
        elif table.name in chosen:
            renew(table, options.work.resolve())


if __name__ == "__main__":
    main()
