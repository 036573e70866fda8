"""Items as Anki's notes.

Anki knows a note by its guid, a kind of note by its id, and a deck by its name. All of these are the same
each time: so an item that was edited is edited in Anki, too, and its card stays where it was.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import genanki

from wslearn.course.bank import Item, Question
from wslearn.interview.faces import Part, back, source
from wslearn.picture_card import prose

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CHOICE", "DECK", "NAME", "RECALL", "note", "write_collection"]

#: Ids that were drawn once, for ever.
DECK, RECALL, CHOICE = 1706455013, 1548300729, 2093164811

NAME = "WebSockets, byte by byte"

_TAG = "websockets"  # all tags stand below this one

_STYLE = Path(__file__).with_name("notes.css").read_text(encoding="utf-8")
_QUESTION = '<div class="question">{{Question}}</div>'
_ANSWER = '<hr id="answer">{{Answer}}<div class="source">{{Source}}</div>'


def write_collection(items: Iterable[Item], path: Path) -> None:
    """Write the collection that an .apkg file holds. genanki's own way to do so leaves a file behind.

    Parameters
    ----------
    items
        New cards come in this order.
    path
        A file that is not there yet.
    """
    deck = genanki.Deck(DECK, NAME)
    for item in items:
        deck.add_note(note(item))
    now = time.time()
    with closing(sqlite3.connect(path)) as database:
        genanki.Package(deck).write_to_db(database.cursor(), now, count(int(now * 1000)))
        database.commit()


def note(item: Item) -> genanki.Note:
    """Make a note of an item. All text is escaped; backticks make code of it.

    Parameters
    ----------
    item
        What it asks.

    Examples
    --------
    >>> from wslearn.interview.bank import item
    >>> list(note(item("handshake-key-why")).tags)
    ['websockets::topic::handshake', 'websockets::lesson::02_handshake', 'websockets::RFC_6455::1.3']
    """
    answer = "".join(map(_part, back(item)))
    if isinstance(item, Question):
        model = _CHOICE
        fields = [_choices(item), _judged(item) + answer]
    else:
        model = _RECALL
        fields = [answer]
    return genanki.Note(
        model=model,
        fields=[prose(item.question), *fields, prose(source(item))],
        tags=_tags(item),
        guid=genanki.guid_for("wslearn", item.id),
    )


def _choices(question: Question) -> str:
    texts = "".join(f"<li>{prose(choice.text)}</li>" for choice in question.choices)
    return f'<ol type="a">{texts}</ol>'


def _judged(question: Question) -> str:
    said = "".join(
        f'<li class="{"payload" if choice.right else "fault"}">{prose(choice.text)}'
        f"<p><b>{'✓ right' if choice.right else '✗ wrong'}:</b> {prose(choice.why)}</p></li>"
        for choice in question.choices
    )
    return f'<ol type="a" class="judged">{said}</ol>'


def _part(part: Part) -> str:
    if len(part.texts) == 1:
        said = f"<p>{prose(part.texts[0])}</p>"
    else:
        said = f"<ul>{''.join(f'<li>{prose(text)}</li>' for text in part.texts)}</ul>"
    return f'<div class="part {part.hue}"><b>{prose(part.name)}</b>{said}</div>'


def _tags(item: Item) -> list[str]:
    """Name topic, lesson and sections. A tag has no blanks, and ``::`` makes a tree of tags."""
    sections, rfc = [], ""
    for named, number in re.findall(r"(?:RFC (\d+) )?§([\d.]+)", item.section):
        rfc = named or rfc
        sections.append(f"{_TAG}::RFC_{rfc}::{number}")
    return [f"{_TAG}::topic::{item.topic.replace(' ', '_')}", f"{_TAG}::lesson::{item.lesson}", *sections]


def _model(number: int, name: str, front: str, fields: tuple[str, ...]) -> genanki.Model:
    return genanki.Model(
        number,
        f"{NAME}: {name}",
        fields=[{"name": field} for field in fields],
        templates=[{"name": name, "qfmt": _QUESTION + front, "afmt": _QUESTION + _ANSWER}],
        css=_STYLE,
    )


_RECALL = _model(RECALL, "recall", "", ("Question", "Answer", "Source"))
_CHOICE = _model(CHOICE, "choice", "{{Choices}}", ("Question", "Choices", "Answer", "Source"))
