"""State of a watch in one SQLite file, which survives the end of the process at any moment.

A study goes from ``waiting`` to ``segmented`` once its objects are in the outbox, and to ``done`` once all
are stored; each step is one transaction. After a kill at most the interrupted step is repeated, and each step
can be repeated: the objects get the same UIDs, and a target that has an object does not receive it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cxrtk.errors import ConfigError
from cxrtk.watch.database import Database

FILE = "state.sqlite3"
WAITING, SEGMENTED, DONE, GIVEN_UP = STATUSES = ("waiting", "segmented", "done", "given_up")
VERSION = 1
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE study (
    uid TEXT, made_by TEXT, status TEXT NOT NULL, signature TEXT NOT NULL, changed REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, strikes INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '', unread TEXT NOT NULL DEFAULT '', PRIMARY KEY (uid, made_by));
CREATE TABLE instance (uid TEXT, made_by TEXT, study TEXT NOT NULL, PRIMARY KEY (uid, made_by));
CREATE TABLE object (
    uid TEXT PRIMARY KEY, study TEXT NOT NULL, made_by TEXT NOT NULL, sha256 TEXT NOT NULL,
    stored INTEGER NOT NULL DEFAULT 0);
"""


@dataclass(frozen=True)
class Study:
    """State of a study.

    Attributes:
        uid: Study Instance UID.
        status: One of `STATUSES`.
        attempts: Number of attempts since it last changed.
        strikes: Number of those attempts that failed for a reason in the study itself.
        reason: Reason why the last attempt failed.
        unread: Reasons why some of its images could not be segmented; empty if all were.
        due: Time of the next attempt, in seconds since 1970.
    """

    uid: str
    status: str
    attempts: int = 0
    strikes: int = 0
    reason: str = ""
    unread: str = ""
    due: float = 0.0


class State(Database):
    """The state of a watch, for one model; a context manager that closes the file.

    Args:
        folder: Existing folder of the state.
        made_by: Model, version and settings; a study is segmented once for each combination.

    Raises:
        DataError: The file is damaged, or of another version.
    """

    def __init__(self, folder: Path, made_by: str = "") -> None:
        super().__init__(folder / FILE, _TABLES, VERSION)
        self.made_by = made_by

    def belongs_to(self, source: str, target: str) -> None:
        """Bind the state to a source and a target, on first use.

        Raises:
            ConfigError: The state belongs to another source or target; the message names both.
        """
        about = {"source": source, "target": target}
        known = dict(self._base.execute("SELECT name, value FROM about"))
        if known and known != about:
            raise ConfigError(
                f"{self.path}: belongs to a watch from {known['source']} to {known['target']}; name another "
                "folder of state."
            )
        with self._transaction():
            self._base.executemany("INSERT OR IGNORE INTO about VALUES (?, ?)", about.items())

    # Arrival

    def see(self, study: str, instances: Mapping[str, str], now: float) -> None:
        """Record the instances of an unfinished study, each with a text that differs once it changes."""
        signature = hashlib.sha256(repr(sorted(instances.items())).encode()).hexdigest()
        with self._transaction():
            self._base.execute(
                "INSERT INTO study (uid, made_by, status, signature, changed) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET status = excluded.status, signature = excluded.signature, "
                "changed = excluded.changed, attempts = 0, strikes = 0, due = 0, reason = '' "
                # A study that waits for storage is examined again when it is done.
                "WHERE signature <> excluded.signature AND status <> ?",
                (study, self.made_by, WAITING, signature, now, SEGMENTED),
            )

    def is_done(self, instance: str) -> bool:
        """Return whether an instance was segmented, by this model and version."""
        return self._has("instance WHERE uid = ? AND made_by = ?", instance, self.made_by)

    def is_finished(self, study: str) -> bool:
        """Return whether a study is completely segmented and stored."""
        return self._has("study WHERE uid = ? AND made_by = ? AND status = ?", study, self.made_by, DONE)

    def is_result(self, uid: str) -> bool:
        """Return whether this watch created an object, with any model."""
        return self._has("object WHERE uid = ?", uid)

    def ready(self, now: float, quiet: float) -> list[Study]:
        """Return due studies, oldest first: unchanged for some seconds, or waiting for storage.

        If the clock is set back, no study waits for longer than twice that time.
        """
        rows = self._studies(
            "made_by = ? AND (status = ? OR (status = ? AND (changed <= ? OR changed > ?))) AND due <= ? "
            "ORDER BY changed, uid",
            (self.made_by, SEGMENTED, WAITING, now - quiet, now + quiet, now),
        )
        return list(rows)

    def unfinished(self) -> list[str]:
        """Return the UIDs of the studies that wait to be complete, for storage or for their next attempt."""
        rows = self._studies("made_by = ? AND status IN (?, ?)", (self.made_by, WAITING, SEGMENTED))
        return [study.uid for study in rows]

    def gone(self, study: str) -> None:
        """Forget a waiting study that is no longer available; if it comes back, it counts as new."""
        with self._transaction():
            self._base.execute(
                "DELETE FROM study WHERE uid = ? AND made_by = ? AND status = ?",
                (study, self.made_by, WAITING),
            )

    # Results

    def segmented(
        self, study: str, instances: Iterable[str], objects: Mapping[str, str], unread: str = ""
    ) -> None:
        """Record that instances are segmented, and that their objects are in the outbox.

        Args:
            study: Study Instance UID.
            instances: UIDs of the instances that need no further work.
            objects: SHA-256 of each object, by its UID.
            unread: Reasons why other instances of the study failed.
        """
        with self._transaction():
            self._base.executemany(
                "INSERT OR IGNORE INTO instance VALUES (?, ?, ?)",
                [(uid, self.made_by, study) for uid in instances],
            )
            self._base.executemany(
                "INSERT OR IGNORE INTO object (uid, study, made_by, sha256) VALUES (?, ?, ?, ?)",
                [(uid, study, self.made_by, digest) for uid, digest in objects.items()],
            )
            self._set(study, "status = ?, unread = ?", SEGMENTED, unread)

    def unstored(self, study: str) -> dict[str, str]:
        """Return the SHA-256 of each object of a study that is not stored yet, by UID."""
        rows = self._base.execute(
            "SELECT uid, sha256 FROM object WHERE study = ? AND made_by = ? AND NOT stored ORDER BY uid",
            (study, self.made_by),
        )
        return dict(rows)

    def stored(self, uid: str) -> None:
        """Record that an object is stored."""
        with self._transaction():
            self._base.execute("UPDATE object SET stored = 1 WHERE uid = ?", (uid,))

    def is_wanted(self, uid: str) -> bool:
        """Return whether an object in the outbox is still to be stored."""
        return self._has("object WHERE uid = ? AND made_by = ? AND NOT stored", uid, self.made_by)

    def done(self, study: str) -> None:
        """Record that a study is completely segmented and stored."""
        with self._transaction():
            self._set(study, "status = ?, reason = '', attempts = 0, strikes = 0", DONE)

    def forget(self, study: str) -> None:
        """Reset a study to be segmented again, because one of its objects was lost before it was stored."""
        with self._transaction():
            lost = "study = ? AND made_by = ?"
            self._base.execute(f"DELETE FROM object WHERE {lost} AND NOT stored", (study, self.made_by))
            self._base.execute(f"DELETE FROM instance WHERE {lost}", (study, self.made_by))
            self._set(study, "status = ?", WAITING)

    def failed(self, study: str, reason: str, due: float, *, strike: bool, again: str) -> None:
        """Record a failed attempt, and the time of the next one.

        Args:
            study: Study Instance UID.
            reason: Reason of the failure.
            due: Time of the next attempt.
            strike: True if the reason is in the study itself rather than in a server.
            again: Status from which the next attempt starts.
        """
        with self._transaction():
            self._set(
                study,
                "status = ?, attempts = attempts + 1, strikes = strikes + ?, due = ?, reason = ?",
                *(again, int(strike), due, reason),
            )

    def give_up(self, study: str, reason: str) -> None:
        """Record that there will be no further attempt."""
        with self._transaction():
            self._set(study, "status = ?, reason = ?", GIVEN_UP, reason)

    def take_up_again(self) -> int:
        """Let all studies that were given up wait again, whatever their model; return their number."""
        with self._transaction():
            found = self._base.execute(
                "UPDATE study SET attempts = 0, strikes = 0, due = 0, status = CASE WHEN EXISTS "
                "(SELECT 1 FROM object WHERE object.study = study.uid AND object.made_by = study.made_by "
                "AND NOT stored) THEN ? ELSE ? END WHERE status = ?",
                (SEGMENTED, WAITING, GIVEN_UP),
            )
            return found.rowcount

    def study(self, uid: str) -> Study:
        """Return the state of a study."""
        return next(self._studies("uid = ? AND made_by = ?", (uid, self.made_by)))

    def every(self) -> Iterator[Study]:
        """Return all studies, of all models, oldest first."""
        return self._studies("1 ORDER BY changed, uid", ())

    # SQL

    def _studies(self, where: str, values: Iterable[object]) -> Iterator[Study]:
        columns = "uid, status, attempts, strikes, reason, unread, due"
        rows = self._base.execute(f"SELECT {columns} FROM study WHERE {where}", tuple(values)).fetchall()
        return (Study(*row) for row in rows)

    def _set(self, study: str, what: str, *values: object) -> None:
        self._base.execute(
            f"UPDATE study SET {what} WHERE uid = ? AND made_by = ?", (*values, study, self.made_by)
        )
