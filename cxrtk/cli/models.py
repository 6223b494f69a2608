"""`cxrtk models`: the shipped models, or one of the user's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

COLUMNS = ("name", "classes", "heart", "MB", "sha256", "path")


def models(
    name: Annotated[
        str | None,
        typer.Argument(help="Print only the path of this model, or list a .safetensors file of your own."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the shipped models and verify their checksums, or print the path of one.

    The weights are not under the licence of the code: each model has its own, in a file next to the weights.
    """
    from cxrtk.cli.tables import print_json, print_table
    from cxrtk.errors import ConfigError
    from cxrtk.models import shipping

    paths = shipping.shipped()
    if name is not None and name in paths:
        print(paths[name])
        return
    if name is not None and Path(name).suffix != shipping.SUFFIX:
        raise ConfigError(f"No model {name!r}. Available: {', '.join(paths)}.")
    if name is None:
        rows = [_row(path, shipping.expected_sha256(path)) for path in paths.values()]
    else:
        rows = [_row(Path(name))]
    if json:
        print_json(rows)
        return
    for row in rows:
        row |= {"classes": ", ".join(row["classes"]), "MB": f"{row['bytes'] / 1e6:.1f}"}
    print_table([{column: str(row[column]) for column in COLUMNS} for row in rows], COLUMNS)
    for row in rows:
        print(f"Licence of the weights of {row['name']}: {_in_words(row)}")


def _row(path: Path, sha256: str = "") -> dict[str, Any]:
    """Describe a model file, for JSON; its checksum is compared where one is given."""
    from cxrtk.models.description import describe
    from cxrtk.models.licence import licence_of

    (values, digest), licence = describe(path, sha256=sha256), licence_of(path)
    return {
        "name": values["name"],
        "classes": list(values["classes"]),
        "heart": values["heart"],
        "quality_flag": bool(values["quality"]),
        "bytes": path.stat().st_size,
        "sha256": digest,
        "path": str(path),
        "terms": licence.terms,
        "licence": None if licence.path is None else str(licence.path),
    }


def _in_words(row: Mapping[str, Any]) -> str:
    """Say what the licence of a model file allows and where it stands, or that none is stated."""
    from cxrtk.models.licence import SUFFIX

    if row["licence"] is None:
        return f"{row['terms']}; there is no {Path(row['path']).with_suffix(SUFFIX)}"
    return f"{row['terms']}, see {row['licence']}"
