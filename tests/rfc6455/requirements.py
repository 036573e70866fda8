"""The list of all requirements of RFC 6455, and what can be wrong with it."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from itertools import zip_longest
from pathlib import Path

import yaml

from tests.notebooks.lesson import FOLDER, read
from tests.rfc6455.rfc import places
from tests.rfc6455.symbols import cited, is_cited, what_is_said

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("requirements.yaml")
ROLES = ("client", "server", "both", "intermediary", "author")


@dataclass(frozen=True)
class Requirement:
    """One entry of the list; the head of the file says what its fields mean."""

    section: str
    place: int
    words: str
    who: str
    where: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    lesson: str = ""
    term: str = ""
    not_ours: str = ""

    def __str__(self) -> str:
        return f"§{self.section}, place {self.place}"

    @property
    def is_ours(self) -> bool:
        """Whether it asks something of this library."""
        return not self.not_ours


def load(path: Path = LIST) -> list[Requirement]:
    """Read the list."""
    known = {field.name for field in fields(Requirement)}
    listed = []
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        assert entry.keys() <= known, f"{entry.keys() - known} in {entry}"
        for several in ("where", "test"):
            entry[several] = tuple(entry.get(several, ()))
        listed.append(Requirement(**entry))
    return listed


def faults(requirements: list[Requirement]) -> Iterator[str]:
    """Say what is wrong with the list, and with each of its entries."""
    yield from out_of_step(requirements)
    for entry in requirements:
        yield from (f"{entry}: {fault}" for fault in faults_of(entry))


def out_of_step(requirements: list[Requirement]) -> Iterator[str]:
    """Say where the list and the RFC differ: each place has its entry, in its turn, with words of its own."""
    for entry, place in zip_longest(requirements, places()):
        if place is None:
            yield f"{entry}: no such place in the RFC"
        elif entry is None or (entry.section, entry.place) != (place.section, place.number):
            yield f"not in the list, or not in its turn: {place}"
            return  # all that follow are out of step, too
        elif len(entry.words.split()) > 12 or not place.within(entry.words):
            yield f"{entry}: {entry.words!r} are not twelve words at most of {place}"


def faults_of(entry: Requirement) -> Iterator[str]:
    """Say where code, tests and lessons are not as an entry says."""
    if entry.who not in ROLES:
        yield f"who is {entry.who!r}"
    has = [bool(value) for value in (entry.where, entry.test, entry.lesson, entry.term)]
    if any(has) if entry.not_ours else not all(has):
        yield "it needs where, test, lesson and term, or else not_ours"
    for symbol in entry.where:
        said = what_is_said(ROOT, symbol)
        if said is None:
            yield f"there is no {symbol}"
        elif not is_cited(entry.section, said):
            yield f"{symbol} does not cite §{entry.section}"
    for test in entry.test:
        if not test.rpartition("::")[2].startswith("test_") or what_is_said(ROOT, test) is None:
            yield f"there is no test {test}"
    if entry.lesson and not teaches(FOLDER / f"{entry.lesson}.ipynb", entry.section, entry.term):
        yield f"no cell of {entry.lesson} holds both §{entry.section} and {entry.term!r}"


def teaches(lesson: Path, section: str, term: str) -> bool:
    """Tell whether a cell of a lesson cites a section and holds a term, or a longer word that begins so."""
    return any(section in sections and holds(text, term) for sections, text in _cells(lesson))


def holds(text: str, term: str) -> bool:
    """Tell whether words of a text, whatever their case, begin with these; a number is no part of another.

    Examples
    --------
    >>> holds("Control\\nframes", "control frame"), holds("unmasked", "mask"), holds("1005", "100")
    (True, False, False)
    """
    text, term = f" {' '.join(text.split())} ".lower(), term.lower()
    at = text.find(term)
    while at >= 0:
        before, behind = text[at - 1], text[at + len(term)]
        if not before.isalnum() and not (term[-1].isdigit() and behind.isdigit()):
            return True
        at = text.find(term, at + 1)
    return False


@cache
def _cells(lesson: Path) -> list[tuple[set[str], str]]:
    if not lesson.is_file():
        return []
    return [(cited(cell.source), cell.source) for cell in read(lesson).cells]
