"""What keeps a message from being lost or shown twice: append_once, still_owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["APPEND_ONCE", "STILL_OWED", "append_once", "still_owed"]

LESSON = "10_use_cases"
SECTION = "the application's, above RFC 6455 §1.5"

Log = list[tuple[str, str]]


# ------------------------------------------------------------------------------------------- append_once


def append_once(log: Log, message_id: str, text: str) -> tuple[Log, int]:
    """Put a message behind the others of a room, unless it is there.

    Parameters
    ----------
    log
        Pairs of an id and a text. The first has number 1.
    message_id, text
        What a member sent, perhaps for the second time.

    Returns
    -------
    tuple of list and int
        The log with the message in it, and the message's number.

    Examples
    --------
    >>> append_once([("a-1", "Hi")], "b-1", "Hi")
    ([('a-1', 'Hi'), ('b-1', 'Hi')], 2)
    >>> append_once([("a-1", "Hi"), ("b-1", "Hi")], "a-1", "Hi")
    ([('a-1', 'Hi'), ('b-1', 'Hi')], 1)
    """
    for number, (known, _) in enumerate(log, 1):
        if known == message_id:
            return log, number
    return [*log, (message_id, text)], len(log) + 1


def _said() -> SearchStrategy[tuple[Log, str, str]]:
    from hypothesis import strategies as st

    message_id, text = st.sampled_from(("a-1", "a-2", "b-1", "b-2")), st.sampled_from(("Hi", "yes", "no"))
    log = st.lists(st.tuples(message_id, text), max_size=3, unique_by=lambda message: message[0])
    return st.tuples(log, message_id, text)


def _always(log: Log, message_id: str, text: str) -> tuple[Log, int]:
    return [*log, (message_id, text)], len(log) + 1


def _by_text(log: Log, message_id: str, text: str) -> tuple[Log, int]:
    texts = [known for _, known in log]
    return (log, texts.index(text) + 1) if text in texts else _always(log, message_id, text)


def _from_zero(log: Log, message_id: str, text: str) -> tuple[Log, int]:
    kept, number = append_once(log, message_id, text)
    return kept, number - 1


def _last_number(log: Log, message_id: str, text: str) -> tuple[Log, int]:
    kept, _ = append_once(log, message_id, text)
    return kept, len(kept)


def _new_number(log: Log, message_id: str, text: str) -> tuple[Log, int]:
    kept, _ = append_once(log, message_id, text)
    return kept, len(log) + 1


def _overwritten(log: Log, message_id: str, text: str) -> tuple[Log, int]:
    kept, number = append_once(log, message_id, text)
    return [(known, text if known == message_id else said) for known, said in kept], number


APPEND_ONCE = Exercise(
    model=append_once,
    lesson=LESSON,
    section=SECTION,
    examples=(
        ([], "a-1", "Hi"),
        ([("a-1", "Hi")], "a-1", "Hi"),
        ([("a-1", "Hi")], "b-1", "Hi"),
        ([("a-1", "Hi")], "a-2", "yes"),
        ([("a-1", "Hi"), ("b-1", "no")], "a-1", "Hi"),
        ([("a-1", "Hi"), ("b-1", "no"), ("a-2", "Hi")], "a-2", "Hi"),
        ([("a-1", "Hi")], "a-1", "Good evening"),
    ),
    inputs=_said,
    hints=(
        "Is the id in the log? Two members may well say the same text, so only the id tells.",
        "If it is there: give the log as it is, and the place where the message stands, counted from 1.",
        "`for number, (known, _) in enumerate(log, 1):` goes through both.",
        "If it is not: a new list, `[*log, (message_id, text)]`. Its length is the number.",
    ),
    misconceptions=(
        Misconception(
            "appended without looking",
            "You append a message that is there. Its sender only did not hear that it had arrived, and sent "
            "it again: now all members see it twice.",
            _always,
        ),
        Misconception(
            "the same text taken for the same message",
            "You compare the texts. When Ada says “yes” and then Bob does, Bob's is lost. Two messages are "
            "the same when their ids are.",
            _by_text,
        ),
        Misconception(
            "counted from 0",
            "You count from 0. The first message has number 1, so that a member who has seen nothing can say "
            "0 as the last number.",
            _from_zero,
        ),
        Misconception(
            "the last number for an old message",
            "For a message that is there you give the number of the newest one. Its sender would take "
            "everything up to that as seen.",
            _last_number,
        ),
        Misconception(
            "a new number for an old message",
            "The message is there, and you give it a number of its own again. No message has that number, so "
            "every member would miss one.",
            _new_number,
        ),
        Misconception(
            "the old text replaced",
            "You replace the text of a message that is there. Others have seen the old one under that "
            "number, and will not be told.",
            _overwritten,
        ),
    ),
)


# -------------------------------------------------------------------------------------------- still_owed


def still_owed(notes: Log, acknowledged: list[str]) -> Log:
    """Give what is to be sent again when a device comes back.

    Parameters
    ----------
    notes
        Pairs of an id and a text, in the order in which they were put into the box. A sender may have put
        the same one twice.
    acknowledged
        Ids in the order in which they were acknowledged, some perhaps twice, some of notes long gone.

    Examples
    --------
    >>> still_owed([("n1", "Lunch?"), ("n2", "Parcel"), ("n3", "Rain")], ["n2"])
    [('n1', 'Lunch?'), ('n3', 'Rain')]
    """
    owed = dict(notes)
    for note_id in acknowledged:
        owed.pop(note_id, None)
    return list(owed.items())


_NOTES = (("n1", "Lunch?"), ("n2", "Parcel"), ("n3", "Rain"))


def _boxes() -> SearchStrategy[tuple[Log, list[str]]]:
    from hypothesis import strategies as st

    notes = st.lists(st.sampled_from(_NOTES), max_size=4)
    return st.tuples(notes, st.lists(st.sampled_from(("n1", "n2", "n3", "n9")), max_size=3))


def _up_to_the_last(notes: Log, acknowledged: list[str]) -> Log:
    known = [at for at, (note_id, _) in enumerate(notes) if note_id in acknowledged]
    return list(dict(notes[max(known, default=-1) + 1 :]).items())


def _counted(notes: Log, acknowledged: list[str]) -> Log:
    return list(dict(notes).items())[len(acknowledged) :]


def _twice(notes: Log, acknowledged: list[str]) -> Log:
    return [note for note in notes if note[0] not in acknowledged]


def _one_for_one(notes: Log, acknowledged: list[str]) -> Log:
    owed = list(notes)
    for note_id in acknowledged:
        for note in owed:
            if note[0] == note_id:
                owed.remove(note)
                break
    return owed


def _the_others(notes: Log, acknowledged: list[str]) -> Log:
    return [note for note in dict(notes).items() if note[0] in acknowledged]


def _sorted(notes: Log, acknowledged: list[str]) -> Log:
    return sorted(still_owed(notes, acknowledged))


def _only_the_last_heard(notes: Log, acknowledged: list[str]) -> Log:
    return still_owed(notes, acknowledged[-1:])


def _nothing_left_out(notes: Log, _acknowledged: list[str]) -> Log:
    return list(notes)


STILL_OWED = Exercise(
    model=still_owed,
    lesson=LESSON,
    section=SECTION,
    examples=(
        ([], []),
        ([_NOTES[0]], []),
        ([_NOTES[0]], ["n1"]),
        ([_NOTES[0]], ["n9"]),
        ([*_NOTES], ["n2"]),
        ([*_NOTES], ["n3", "n1"]),
        ([*_NOTES], ["n2", "n2"]),
        ([_NOTES[1], _NOTES[0]], []),
        ([_NOTES[0], _NOTES[0]], []),
        ([_NOTES[0], _NOTES[0]], ["n1"]),
        ([], ["n1"]),
    ),
    inputs=_boxes,
    hints=(
        "A note is owed as long as its own id was not acknowledged: another one's says nothing about it.",
        "Go through the notes in their order, and keep those whose id is not in `acknowledged`.",
        "The same id twice in `notes` is one note: its sender was not sure, and sent it again.",
        "A `dict` keeps an id once, at the place where it came first: `dict(notes)`.",
    ),
    misconceptions=(
        Misconception(
            "all before the last one taken as acknowledged",
            "You take an acknowledgement for all that came before, as TCP does. Here each is for one note: a "
            "note that was shown late, or on another device, would be lost.",
            _up_to_the_last,
        ),
        Misconception(
            "nothing left out",
            "You leave no note out. If you look for the whole note in `acknowledged`: there are only ids in "
            "it, so it is never found. Compare the id.",
            _nothing_left_out,
        ),
        Misconception(
            "acknowledgements counted",
            "You leave out as many notes as there are acknowledgements. They come in any order, and some "
            "come twice: look at their ids.",
            _counted,
        ),
        Misconception(
            "the same note owed twice",
            "You send a note twice that was put into the box twice. It is one note, as its id says.",
            _twice,
        ),
        Misconception(
            "one acknowledgement for each copy",
            "You want an acknowledgement for each time that a note was put into the box. It is one note, and "
            "one is enough.",
            _one_for_one,
        ),
        Misconception(
            "those that arrived",
            "You give what was acknowledged. That is the part which need not be sent again.",
            _the_others,
        ),
        Misconception(
            "another order",
            "Your order is another one: sorted by id, or as a set has it. Send the notes in the order in "
            "which they were put into the box.",
            _sorted,
        ),
        Misconception(
            "only the last acknowledgement",
            "You look at the last acknowledgement alone. Those before it count as well.",
            _only_the_last_heard,
        ),
    ),
)
