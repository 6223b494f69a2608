"""An SQLite file, whose steps are transactions that are either complete or absent."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from cxrtk.errors import DataError, StorageError


class Database:
    """A file with tables of one version; a context manager that closes it.

    Args:
        path: The file; it is created if there is none.
        tables: SQL statements that create the tables, separated by semicolons.
        version: Version of the tables, from 1.

    Raises:
        DataError: The file is damaged, or of another version.
    """

    def __init__(self, path: Path, tables: str, version: int) -> None:
        self.path = path
        try:
            self._base = sqlite3.connect(path, isolation_level=None, timeout=30)
            self._base.execute("PRAGMA synchronous = FULL")
            found = self._base.execute("PRAGMA user_version").fetchone()[0]
            if found == 0:
                with self._transaction():
                    for statement in filter(str.strip, tables.split(";")):
                        self._base.execute(statement)
                    self._base.execute(f"PRAGMA user_version = {version}")
        except sqlite3.DatabaseError as error:
            raise DataError(f"{path}: cannot be read: {error}; name another state folder.") from error
        if found not in (0, version):
            self._base.close()
            raise DataError(f"{path}: was made by another version of cxrtk; name another state folder.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._base.close()

    def _has(self, what: str, *values: object) -> bool:
        return self._base.execute(f"SELECT 1 FROM {what} LIMIT 1", values).fetchone() is not None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._base.execute("BEGIN IMMEDIATE")
            yield
            self._base.execute("COMMIT")
        except BaseException as error:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise StorageError(f"{self.path}: cannot be written: {error}; free some space.") from error
            raise
