"""Where progress is kept: one SQLite file in the user's data folder, which never leaves this computer.

Several kernels may write at once. Each call opens the file, takes SQLite's lock, does its work in one
transaction and closes the file, so that nobody holds it while a student thinks. It keeps the rollback
journal: a write-ahead log does not work in a home folder on a network drive.

::

    the file is missing or old     made, or brought up to date by the scripts in SCHEMA
    it is damaged                  kept under another name, and begun anew
    it cannot be written           the course goes on in memory, with what could still be read

What goes wrong is said once, in one sentence, through the logger ``wslearn.course``, and stays in `notice`.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["FILE", "SCHEMA", "Store", "now", "store"]

FILE = "progress.sqlite3"

#: How to come from each version of the schema to the next. A script that was ever released stays as it is;
#: whoever needs another table appends a script.
SCHEMA = (
    (
        """CREATE TABLE exercise (
            name TEXT PRIMARY KEY,
            lesson TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            first_right TEXT,
            hints INTEGER NOT NULL DEFAULT 0,
            solution_seen TEXT
        )""",
        """CREATE TABLE answer (
            at TEXT NOT NULL,
            question TEXT NOT NULL,
            lesson TEXT NOT NULL,
            chosen TEXT NOT NULL,
            is_right INTEGER NOT NULL
        )""",
        """CREATE TABLE prediction (
            at TEXT NOT NULL,
            question TEXT NOT NULL,
            guess TEXT NOT NULL,
            actual TEXT NOT NULL,
            is_right INTEGER NOT NULL
        )""",
    ),
    (
        """CREATE TABLE measurement (
            name TEXT PRIMARY KEY,
            at TEXT NOT NULL,
            figures TEXT NOT NULL
        )""",
    ),
    (
        # memory and before: what FSRS knows of the card, as JSON; before is empty for a card's first review
        """CREATE TABLE card (
            item TEXT PRIMARY KEY,
            memory TEXT NOT NULL
        )""",
        """CREATE TABLE review (
            at TEXT NOT NULL,
            item TEXT NOT NULL,
            rating INTEGER NOT NULL,
            before TEXT
        )""",
    ),
    (
        # items and points: JSON lists; place: the question times 100, and the part of it
        """CREATE TABLE interview (
            id TEXT PRIMARY KEY,
            request TEXT NOT NULL,
            begun TEXT NOT NULL,
            minutes INTEGER NOT NULL,
            items TEXT NOT NULL,
            phase INTEGER NOT NULL,
            place INTEGER NOT NULL,
            finished TEXT NOT NULL
        )""",
        """CREATE TABLE interview_question (
            interview TEXT NOT NULL,
            item TEXT NOT NULL,
            seconds REAL NOT NULL,
            points TEXT NOT NULL,
            PRIMARY KEY (interview, item)
        )""",
        """CREATE TABLE interview_answer (
            interview TEXT NOT NULL,
            item TEXT NOT NULL,
            part INTEGER NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (interview, item, part)
        )""",
    ),
)

_PATIENCE = 10.0  # seconds to wait for another kernel's transaction
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

_log = logging.getLogger("wslearn.course")


class _Newer(sqlite3.Error):
    """The file was written by a later version of wslearn."""


class Store:
    """The file in one folder.

    Parameters
    ----------
    folder
        Where the file is; made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.notice = ""
        self._memory: sqlite3.Connection | None = None
        self._lock = threading.RLock()

    @property
    def in_memory(self) -> bool:
        """Whether nothing is written to the disk."""
        return self._memory is not None

    def run(self, *statements: tuple[str, tuple[Any, ...]]) -> list[Any]:
        """Run SQL statements in one transaction; give the rows of the last one.

        Parameters
        ----------
        statements
            Each the SQL and its values.
        """
        with self._lock:
            if self._memory is None:
                try:
                    return self._on_disk(statements)
                except (sqlite3.Error, OSError) as error:
                    fault = error
                if _is_damage(fault) and self._set_aside():
                    try:
                        return self._on_disk(statements)
                    except (sqlite3.Error, OSError) as error:
                        fault = error
                self._memory = self._begin_in_memory(fault)
            return _transact(self._memory, statements)

    def copy(self, name: str) -> Path | None:
        """Write a copy of all there is beside the file.

        Parameters
        ----------
        name
            What happened, for the copy's name.

        Returns
        -------
        Path or None
            The copy; none of what is in memory alone.
        """
        self.run()
        if self._memory is not None:
            return None
        aside = self._aside(name)
        with closing(_open(self.path)) as source, closing(_open(aside)) as target:
            source.backup(target)
        return aside

    def _on_disk(self, statements: tuple[tuple[str, tuple[Any, ...]], ...]) -> list[Any]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(_open(self.path)) as database:
            return _transact(database, statements)

    def _set_aside(self) -> bool:
        """Keep a damaged file under another name; tell whether there is room for a new one."""
        # Two kernels may have found the damage. The second must not take the first one's new file away.
        with suppress(sqlite3.Error, OSError), closing(_open(self.path.with_suffix(".lock"))) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            if not self._is_damaged():
                return True
            aside = self._aside("damaged")
            self.path.rename(aside)
            self._tell(f"Your progress could not be read: it is kept as {aside.name}, and begins anew.")
            return True
        return False

    def _is_damaged(self) -> bool:
        with closing(_open(self.path)) as database:
            try:
                return [*database.execute("PRAGMA integrity_check(1)")] != [("ok",)]
            except sqlite3.DatabaseError as error:
                return _is_damage(error)

    def _begin_in_memory(self, error: Exception) -> sqlite3.Connection:
        memory = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        with suppress(sqlite3.Error):
            _fill(memory, self.path)
        why = getattr(error, "strerror", None) or error
        self._tell(f"Your progress is kept until this kernel ends, and not in {self.path.parent} ({why}).")
        return memory

    def _tell(self, notice: str) -> None:
        self.notice = notice
        _log.warning(notice)

    def _aside(self, name: str) -> Path:
        """Find a free name that says what happened, and when."""
        stem = f"{self.path.stem}-{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        names = (f"{stem}{more}" for more in ("", *(f"-{number}" for number in range(2, 1000))))
        return next(path for name in names if not (path := self.path.with_stem(name)).exists())


def store() -> Store:
    """Give the store of this user: in ``WSLEARN_DATA``, or where the system keeps such data."""
    folder = os.environ.get("WSLEARN_DATA")
    if folder:
        return _store(Path(folder).expanduser())
    from platformdirs import user_data_path

    return _store(user_data_path("wslearn", appauthor=False))


def now() -> str:
    """Tell the time, in UTC, to the second."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


@cache
def _store(folder: Path) -> Store:
    return Store(folder)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)


def _transact(database: sqlite3.Connection, statements: tuple[tuple[str, tuple[Any, ...]], ...]) -> list[Any]:
    database.row_factory = sqlite3.Row
    database.execute("BEGIN IMMEDIATE")
    try:
        _bring_up_to_date(database)
        rows: list[Any] = []
        for sql, values in statements:
            rows = database.execute(sql, values).fetchall()
        database.execute("COMMIT")
    except BaseException:
        # A fault of the disk may have ended the transaction already.
        with suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise
    return rows


def _bring_up_to_date(database: sqlite3.Connection) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > len(SCHEMA):
        raise _Newer("it was written by a later version of wslearn")
    if version == len(SCHEMA):
        return
    for script in SCHEMA[version:]:
        for statement in script:
            database.execute(statement)
    database.execute(f"PRAGMA user_version = {len(SCHEMA)}")


def _fill(memory: sqlite3.Connection, path: Path) -> None:
    """Copy what can be read of a file that cannot be written."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", timeout=0.1, uri=True)) as old:
        (version,) = old.execute("PRAGMA user_version").fetchone()
        if version != len(SCHEMA):
            return
        # All of it is read before the first of it is written.
        for statement in [*old.iterdump()]:
            if statement not in {"BEGIN TRANSACTION;", "COMMIT;"}:
                memory.execute(statement)
        memory.execute(f"PRAGMA user_version = {version}")


def _is_damage(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
