"""Progress is kept in a file that several kernels share, and no fault of the disk stops the course."""

import logging
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Thread

import pytest

import wslearn.course.store as store_module
from wslearn.course.store import FILE, SCHEMA, Store, now, store

KERNELS, WRITES = 6, 25
TABLES = {
    *("exercise", "answer", "prediction", "measurement", "card", "review"),
    *("interview", "interview_question", "interview_answer"),
}
# The module alone, because the whole course takes longer to import than to write all of this.
KERNEL = """
import runpy, sys
from pathlib import Path
kept = runpy.run_path(sys.argv[1])["Store"](Path(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[4])):
    question = f"{sys.argv[3]}.{number}"
    kept.run(("INSERT INTO prediction VALUES ('', ?, '', '', 0)", (question,)))
"""


def predict(kept: Store, question: str) -> None:
    kept.run(("INSERT INTO prediction VALUES (?, ?, '', '', 0)", (now(), question)))


def predicted(kept: Store) -> list[str]:
    return [row["question"] for row in kept.run(("SELECT question FROM prediction ORDER BY rowid", ()))]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the course says; filled while the test runs."""
    messages: list[str] = []
    caplog.set_level(logging.WARNING, "wslearn.course")
    # One handler serves all tests of a run.
    monkeypatch.setattr(caplog.handler, "emit", lambda record: messages.append(record.getMessage()))
    return messages


class TestFile:
    def test_it_is_made_where_it_belongs_and_kept(self, kept: Store, said: list[str]) -> None:
        predict(kept, "one")
        assert files(kept.path.parent) == [FILE]
        again = Store(kept.path.parent)
        assert predicted(again) == ["one"]
        assert not again.in_memory
        assert (said, again.notice) == ([], "")

    def test_one_transaction_or_nothing(self, kept: Store) -> None:
        predict(kept, "one")
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            kept.run(("DELETE FROM prediction", ()), ("DELETE FROM nowhere", ()))
        assert predicted(Store(kept.path.parent)) == ["one"]

    def test_the_environment_names_the_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("here", "there"):
            monkeypatch.setenv("WSLEARN_DATA", str(tmp_path / name))
            assert store().path == tmp_path / name / FILE
            assert store() is store()

    def test_else_it_is_the_users_own(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("WSLEARN_DATA")
        for name in ("HOME", "LOCALAPPDATA"):
            monkeypatch.setenv(name, str(tmp_path))
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        assert store().path.parts[-2:] == ("wslearn", FILE)
        if sys.platform != "win32":
            assert store().path.is_relative_to(tmp_path)


class TestSeveralKernels:
    def test_nothing_is_lost_and_nobody_is_refused(self, tmp_path: Path) -> None:
        """All at once, in a folder that nobody has made yet."""
        assert written_at_once(tmp_path / "data") == [""] * KERNELS
        written = predicted(Store(tmp_path / "data"))
        assert sorted(written) == sorted(f"{one}.{each}" for one in range(KERNELS) for each in range(WRITES))

    def test_a_damaged_file_is_set_aside_once(self, tmp_path: Path) -> None:
        folder = tmp_path / "data"
        folder.mkdir()
        (folder / FILE).write_bytes(b"no database " * 500)
        (said,) = filter(None, written_at_once(folder))
        assert said.endswith(", and begins anew.\n")
        assert len(predicted(Store(folder))) == KERNELS * WRITES
        assert len([name for name in files(folder) if "damaged" in name]) == 1


def written_at_once(folder: Path) -> list[str]:
    """Write from several processes, which begin together; give what each of them said aloud."""
    kernels = [
        Popen(
            [sys.executable, "-c", KERNEL, store_module.__file__, str(folder), str(number), str(WRITES)],
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            text=True,
        )
        for number in range(KERNELS)
    ]
    for kernel in kernels:
        assert kernel.stdout
        assert kernel.stdout.readline() == "ready\n"
    for kernel in kernels:
        assert kernel.stdin
        kernel.stdin.write("go\n")
        kernel.stdin.flush()
    said = [kernel.communicate()[1] for kernel in kernels]
    assert [kernel.returncode for kernel in kernels] == [0] * KERNELS, said
    return said


class TestDamage:
    def test_it_is_said_once_kept_aside_and_replaced(self, kept: Store, said: list[str]) -> None:
        kept.path.parent.mkdir()
        kept.path.write_bytes(b"this was a database once" * 100)
        predict(kept, "one")
        predict(kept, "two")
        assert predicted(Store(kept.path.parent)) == ["one", "two"]
        (aside,) = kept.path.parent.glob("*-damaged-*.sqlite3")
        assert aside.read_bytes().startswith(b"this was")
        assert (
            said
            == [f"Your progress could not be read: it is kept as {aside.name}, and begins anew."]
            == [kept.notice]
        )

    def test_a_page_in_the_middle(self, kept: Store) -> None:
        """The file opens, and only reading the table finds it."""
        for number in range(400):
            kept.run(("INSERT INTO prediction VALUES ('', ?, ?, '', 0)", (str(number), "x" * 100)))
        with kept.path.open("r+b") as file:
            file.seek(kept.path.stat().st_size // 2 // 4096 * 4096)
            file.write(b"\xff" * 4096 * 4)
        assert predicted(kept) == []
        assert "begins anew" in kept.notice
        assert not kept.in_memory

    def test_another_kernel_was_faster(self, kept: Store) -> None:
        """It found the damage, too, and the file is new by now."""
        predict(kept, "one")
        assert Store(kept.path.parent)._set_aside()
        assert predicted(kept) == ["one"]
        assert [*kept.path.parent.glob("*-damaged-*")] == []

    def test_twice_within_a_second(self, kept: Store) -> None:
        kept.path.parent.mkdir()
        for _ in range(2):
            kept.path.write_bytes(b"damaged" * 1000)
            predict(kept, "one")
        assert len([*kept.path.parent.glob("*-damaged-*.sqlite3")]) == 2


class TestNoDisk:
    def test_a_folder_that_cannot_be_made(self, tmp_path: Path, said: list[str]) -> None:
        (tmp_path / "file").write_text("in the way")
        kept = Store(tmp_path / "file" / "data")
        predict(kept, "one")
        predict(kept, "two")
        assert predicted(kept) == ["one", "two"]
        assert kept.in_memory
        (notice,) = said
        assert notice.startswith("Your progress is kept until this kernel ends, and not in ")
        assert kept.notice == notice
        assert kept.copy("before-reset") is None

    def test_a_file_that_can_only_be_read(self, kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was done before is still shown."""
        predict(kept, "one")
        connect = sqlite3.connect

        def read_only(path: object, **more: object) -> sqlite3.Connection:
            if path == kept.path:
                return connect(f"{kept.path.as_uri()}?mode=ro", uri=True, isolation_level=None)
            return connect(path, **more)  # type: ignore[call-overload, no-any-return]

        monkeypatch.setattr(sqlite3, "connect", read_only)
        again = Store(kept.path.parent)
        predict(again, "two")
        assert predicted(again) == ["one", "two"]
        assert "readonly" in again.notice
        monkeypatch.undo()
        assert predicted(kept) == ["one"]

    def test_a_lock_that_nobody_gives_back(self, kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        predict(kept, "one")
        monkeypatch.setattr("wslearn.course.store._PATIENCE", 0.1)
        again = Store(kept.path.parent)
        with closing(sqlite3.connect(kept.path)) as other:
            other.execute("BEGIN EXCLUSIVE")
            predict(again, "two")
        assert again.in_memory
        assert predicted(again) == ["two"]
        assert predicted(kept) == ["one"]

    def test_from_another_thread(self, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("in the way")
        kept = Store(tmp_path / "data")
        for number in range(3):
            thread = Thread(target=predict, args=(kept, f"{number}"))
            thread.start()
            thread.join()
        assert predicted(kept) == ["0", "1", "2"]


class TestVersions:
    def test_an_older_file_is_brought_up_to_date(self, kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        predict(kept, "one")
        monkeypatch.setattr("wslearn.course.store.SCHEMA", (*SCHEMA, ("CREATE TABLE later (id TEXT)",)))
        kept.run(("INSERT INTO later VALUES ('a')", ()))
        assert predicted(kept) == ["one"]
        with closing(sqlite3.connect(kept.path)) as database:
            assert database.execute("PRAGMA user_version").fetchone() == (len(SCHEMA) + 1,)

    def test_a_newer_file_is_left_alone(self, kept: Store) -> None:
        predict(kept, "one")
        with closing(sqlite3.connect(kept.path)) as database:
            database.execute("PRAGMA user_version = 99")
        before = kept.path.read_bytes()
        predict(kept, "two")
        assert predicted(kept) == ["two"]
        assert "a later version of wslearn" in kept.notice
        assert kept.path.read_bytes() == before
        assert files(kept.path.parent) == [FILE]

    def test_the_first_version(self, kept: Store) -> None:
        rows = kept.run(("SELECT name FROM sqlite_master WHERE type = 'table'", ()))
        assert {row["name"] for row in rows} == TABLES


def test_a_copy_holds_it_all(kept: Store) -> None:
    predict(kept, "one")
    copy = kept.copy("before-reset")
    assert copy
    assert copy.name.startswith("progress-before-reset-")
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT question FROM prediction").fetchall() == [("one",)]
