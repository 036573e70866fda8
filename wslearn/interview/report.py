"""What came of a mock interview: points by topic, what to revise and where, and all that was said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.interview.bank import TOPICS
from wslearn.interview.links import Link, reading
from wslearn.interview.rehearsal import asked, points
from wslearn.interview.report_picture import duration, report_html, report_markdown, report_page
from wslearn.picture_card import plain
from wslearn.spans import count

if TYPE_CHECKING:
    from wslearn.interview.drawing import Timed
    from wslearn.interview.rehearsal import Rehearsal

__all__ = ["Mark", "Report", "Topic", "report"]


@dataclass(frozen=True)
class Mark:
    """One question, what was answered, and what it was worth.

    Parameters
    ----------
    item
        What was asked.
    answers
        What was typed to each part of it.
    had
        Of each of its points whether the answers have it.
    seconds
        How long it took.
    """

    item: Timed
    answers: tuple[str, ...]
    had: tuple[bool, ...]
    seconds: float

    @property
    def missing(self) -> tuple[str, ...]:
        """The points that the answers have not."""
        return tuple(point for point, had in zip(points(self.item), self.had, strict=True) if not had)


@dataclass(frozen=True)
class Topic:
    """All questions about one topic.

    Parameters
    ----------
    name
        One of `TOPICS`.
    marks
        What was asked about it.
    """

    name: str
    marks: tuple[Mark, ...]

    @property
    def got(self) -> int:
        """The points there were."""
        return sum(sum(mark.had) for mark in self.marks)

    @property
    def of(self) -> int:
        """The points that there could be."""
        return sum(len(mark.had) for mark in self.marks)

    @property
    def missing(self) -> tuple[str, ...]:
        """The points that were not there."""
        return tuple(point for mark in self.marks for point in mark.missing)

    @property
    def links(self) -> tuple[Link, ...]:
        """Where to read about what was missing."""
        return tuple(dict.fromkeys(reading(mark.item) for mark in self.marks if mark.missing))

    @property
    def cards(self) -> str:
        """What asks the cards of this topic."""
        return f'cards("{self.name}")'


@dataclass(frozen=True)
class Report:
    """What came of a mock interview.

    Parameters
    ----------
    begun
        When, in UTC; empty for one that was not held.
    minutes
        How long it might have taken.
    marks
        What was asked, in that order.
    left
        How many questions there was no time for.
    seconds
        How long it took.
    """

    begun: str = ""
    minutes: int = 0
    marks: tuple[Mark, ...] = ()
    left: int = 0
    seconds: float = 0.0

    @property
    def topics(self) -> tuple[Topic, ...]:
        """What was asked about, the weakest topic first."""
        about = [
            Topic(name, tuple(mark for mark in self.marks if mark.item.topic == name)) for name in TOPICS
        ]
        return tuple(
            sorted((each for each in about if each.marks), key=lambda each: each.got / max(1, each.of))
        )

    @property
    def revise(self) -> tuple[Topic, ...]:
        """The topics of which something was missing."""
        return tuple(topic for topic in self.topics if topic.missing)

    @property
    def score(self) -> str:
        """All points, in words."""
        if not self.marks:
            return "nothing was scored"
        return f"{sum(each.got for each in self.topics)} of {sum(each.of for each in self.topics)} points"

    @property
    def told(self) -> str:
        """How it went with the time."""
        if not self.begun:
            return "There is no report yet: hold the interview, and score it."
        left = f"; no time for {count(self.left, 'more question')}" * bool(self.left)
        questions = count(len(self.marks), "question")
        return f"{questions} in {duration(self.seconds)} of {self.minutes} minutes{left}"

    def save(self, path: str | Path) -> Path:
        """Write it to a file: Markdown to ``.md``, a page to ``.html``.

        The links in it lead from the folder of the notebooks.

        Parameters
        ----------
        path
            The file.

        Raises
        ------
        UsageError
            For another name, and when nothing can be written there.
        """
        path = Path(path).expanduser()
        forms = {".md": report_markdown, ".html": report_page}
        if path.suffix not in forms:
            raise UsageError(f"A report is saved as .md or .html, and {path.name!r} is neither.")
        try:
            path.write_text(forms[path.suffix](self), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"Cannot write {path}: {error.strerror or error}.") from error
        return path

    def __repr__(self) -> str:
        lines = [f"Mock interview: {self.score}", self.told]
        for topic in self.topics:
            lines.append(f"{topic.name}: {topic.got} of {topic.of}")
            lines += [f"  missing: {plain(point)}" for point in topic.missing]
        return "\n".join(lines) if self.begun else self.told

    def _repr_html_(self) -> str:
        return report_html(self)


def report(held: Rehearsal) -> Report:
    """Make the report of an interview, as far as it was scored."""
    marks = tuple(
        Mark(
            item,
            tuple(held.said.get((item.id, part), "") for part in range(len(asked(item)))),
            tuple(point in held.had.get(item.id, ()) for point in points(item)),
            held.spent.get(item.id, 0.0),
        )
        for item in held.reached
    )
    left = len(held.items) - len(marks)
    return Report(held.begun, held.minutes, marks, left, held.elapsed)
