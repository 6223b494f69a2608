"""Resolves each id of a bundle with a parser of its own: python resolve_ids.py FILES OVERRIDES, both JSON.

Prints each id that fails, with its error. Lists of actions are left out: they train.
"""

import json
import sys

from monai.bundle import ConfigParser

ACTIONS = ("initialize", "run", "finalize")


def parser(files: list[str], overrides: dict[str, object]) -> ConfigParser:
    made = ConfigParser()
    made.read_config(files)
    made.update(overrides)
    return made


def ids(config: dict[str, object]) -> list[str]:
    """The top level and what lies below each dictionary of parts, as ``train#trainer``."""
    found = []
    for name, value in config.items():
        if name in ACTIONS or name.startswith("_"):
            continue
        found.append(name)
        if isinstance(value, dict) and "_target_" not in value:
            found += [f"{name}#{part}" for part in value if not part.startswith(("_", "+"))]
    return found


def main(files: list[str], overrides: dict[str, object]) -> int:
    failed = 0
    for each in ids(parser(files, overrides).get()):
        try:
            parser(files, overrides).get_parsed_content(each)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is printed and counted
            failed += 1
            cause: BaseException = error
            while cause.__cause__ is not None:
                cause = cause.__cause__
            print(f"{each}: {type(cause).__name__}: {cause}")
    return failed


if __name__ == "__main__":
    sys.exit(1 if main(*map(json.loads, sys.argv[1:])) else 0)
