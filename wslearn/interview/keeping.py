"""Where mock interviews are kept: in three tables of the progress, so that no restart loses a word.

``interview`` has a row for each, ``interview_question`` one for each question that took time or was scored,
``interview_answer`` one for each answer. Two kernels may go on with the same interview: it never goes back,
and each writes only those answers that were typed in it. Where the file was replaced because it was damaged,
all that this kernel has is written anew.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from wslearn.course.store import store
from wslearn.interview.bank import bank
from wslearn.interview.drawing import Timed
from wslearn.interview.rehearsal import PHASES, Rehearsal, asked, points

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["asked_before", "done", "keep", "notice", "unfinished"]

Statement = tuple[str, tuple[Any, ...]]

_PARTS = 100  # a place is a number that only grows: the question's index times this, and the part
_DONE = PHASES.index("done")

_KEEP = """INSERT INTO interview VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    phase = max(phase, excluded.phase),
    place = max(place, excluded.place),
    finished = max(finished, excluded.finished)"""
_KEEP_QUESTION = """INSERT INTO interview_question VALUES (?, ?, ?, ?)
    ON CONFLICT (interview, item) DO UPDATE SET seconds = max(seconds, excluded.seconds)"""
_KEEP_ANSWER = """INSERT INTO interview_answer VALUES (?, ?, ?, ?)
    ON CONFLICT (interview, item, part) DO """


def keep(held: Rehearsal) -> None:
    """Write down what changed, in one transaction; no fault of the disk stops the interview.

    Parameters
    ----------
    held
        The interview; afterwards nothing of it is fresh.
    """
    held.settle()
    store().run(*_statements(held))
    held.fresh.clear()


def unfinished(request: str, clock: Callable[[], float] = time.monotonic) -> Rehearsal | None:
    """Find the last interview of this request that was not scored to its end; it stands still.

    Parameters
    ----------
    request
        What was asked for.
    clock
        For it to go on with.
    """
    query = "SELECT * FROM interview WHERE request = ? AND phase < ? ORDER BY rowid DESC LIMIT 1"
    found = [_read(row, clock) for row in store().run((query, (request, _DONE)))]
    return found[0] if found and found[0].items else None


def done() -> tuple[Rehearsal, ...]:
    """Give all interviews that were scored to their end, the last one last."""
    rows = store().run(("SELECT * FROM interview WHERE phase = ? ORDER BY finished, rowid", (_DONE,)))
    return tuple(_read(row, time.monotonic) for row in rows)


def asked_before() -> Counter[str]:
    """Count how often each item was drawn, by its id."""
    rows = store().run(("SELECT items FROM interview", ()))
    return Counter(each for row in rows for each in json.loads(row["items"]))


def notice() -> str:
    """Say what went wrong with keeping; else nothing."""
    return store().notice


def _statements(held: Rehearsal) -> Iterator[Statement]:
    items = json.dumps([item.id for item in held.items])
    place = held.question * _PARTS + held.part
    phase = PHASES.index(held.phase)
    yield _KEEP, (held.id, held.request, held.begun, held.minutes, items, phase, place, held.finished)
    for name in held.spent.keys() | held.had.keys():
        had = json.dumps(sorted(held.had.get(name, ())), ensure_ascii=False)
        more = ", points = excluded.points" if name in held.fresh else ""
        yield _KEEP_QUESTION + more, (held.id, name, held.spent.get(name, 0.0), had)
    for (name, part), text in held.said.items():
        what = "UPDATE SET text = excluded.text" if (name, part) in held.fresh else "NOTHING"
        yield _KEEP_ANSWER + what, (held.id, name, part, text)


def _read(row: Any, clock: Callable[[], float]) -> Rehearsal:
    """Make an interview of its rows, of those items that are still in the bank."""
    known = {item.id: item for item in bank() if isinstance(item, Timed)}
    names: list[str] = json.loads(row["items"])
    question, part = divmod(row["place"], _PARTS)
    held = Rehearsal(
        items=tuple(known[name] for name in names if name in known),
        minutes=row["minutes"],
        request=row["request"],
        clock=clock,
        id=row["id"],
        begun=row["begun"],
        phase=PHASES[row["phase"]],
        finished=row["finished"],
    )
    for each in store().run(("SELECT * FROM interview_question WHERE interview = ?", (held.id,))):
        held.spent[each["item"]] = each["seconds"]
        held.had[each["item"]] = frozenset(json.loads(each["points"]))
    for each in store().run(("SELECT * FROM interview_answer WHERE interview = ?", (held.id,))):
        held.said[each["item"], each["part"]] = each["text"]
    if held.items:
        question -= sum(name not in known for name in names[:question])
        held.question = min(question, len(held.items) - 1)
        held.part = min(part, len(asked(held.item)) - 1)
        held.had = {
            item.id: held.had.get(item.id, frozenset()) & frozenset(points(item)) for item in held.items
        }
    return held
