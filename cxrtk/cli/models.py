"""`cxrtk models`: the shipped models."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def models(
    name: Annotated[str | None, typer.Argument(help="Print the path of this one only.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the models that ship, after a look at their checksums, or print the path of one.

    Their licence is not that of the code: it is the file MODEL_LICENSE beside them.
    """
    from cxrtk.cli.tables import print_json, print_table
    from cxrtk.errors import ConfigError
    from cxrtk.models import shipping
    from cxrtk.models.find import find_model

    paths = shipping.shipped()
    if name is not None and name not in paths:
        raise ConfigError(f"No model {name!r}. There are: {', '.join(paths)}.")
    if name is not None:
        print(paths[name])
        return
    rows: list[dict[str, Any]] = []
    for each, path in paths.items():
        found = find_model(each)
        rows.append(
            {
                "name": each,
                "classes": list(found.spec.classes),
                "heart": found.spec.heart,
                "quality_flag": bool(found.spec.quality),
                "bytes": path.stat().st_size,
                "sha256": found.sha256,
                "path": str(path),
                "licence": str(shipping.folder() / shipping.LICENSE),
            }
        )
    if json:
        print_json(rows)
        return
    columns = ("name", "classes", "heart", "MB", "sha256", "path")
    for row in rows:
        row |= {"classes": ", ".join(row["classes"]), "MB": f"{row['bytes'] / 1e6:.1f}"}
    print_table([{column: str(row[column]) for column in columns} for row in rows], columns)
    print(f"Licence of the weights: {shipping.folder() / shipping.LICENSE}")
