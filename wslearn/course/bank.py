"""The question bank: what the quizzes ask, in YAML files beside this one.

How to write questions
----------------------
A lesson's questions stand in ``questions/NN_topic.yaml``, which has the notebook's name, as a list in the
order in which the quiz asks them. Write three to five for a lesson::

    - id: handshake-key-why            # topic, subject, what is asked; for ever: progress refers to it
      kind: choice
      lesson: 02_handshake
      topic: handshake
      difficulty: 1                    # 1 recall, 2 apply, 3 put together
      section: RFC 6455 §1.3           # where the rule stands; more than one: RFC 6455 §1.3, §4.2.2
      question: Why does the client send `Sec-WebSocket-Key`?
      choices:
        - text: So that the answer proves that the server understood the request as WebSocket.
          right: true
          why: Only who knows the protocol appends the GUID and hashes.
        - text: To authenticate the user.
          why: The key is random and everybody on the way can read it. It names nobody.
      reason: >-
        The server must do something with the key that plain HTTP never does, so a cache or a server
        that knows nothing of WebSocket cannot answer by accident.

- Backticks mark code. Everything else is text, never markup. Quote a text that holds ``: `` or begins with
  a backtick.
- Mark each right choice with ``right: true``. More than one, and the student ticks all of them: say so in
  the question ("Which of these …? More than one is right.").
- `why` is what the student reads who chose that answer: to a wrong one it says what is wrong with *it*,
  not what would have been right. `reason` is the rule, in one or two sentences, for all.
- A wrong choice is something that somebody believes. Make all choices about as long, and do not put the
  right one always in the same place.
- Ask what the lesson showed. A number in a question is in a cell of the lesson, or in the RFC.

``questions/schema.json`` says what an item may hold; ``tests/course/test_bank.py`` checks every file against
it, and what a schema cannot say. `wslearn.interview.bank` has the other kinds of question.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from wslearn.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "FOLDER",
    "Choice",
    "Item",
    "Question",
    "questions",
    "quiz_questions",
    "read_items",
    "read_questions",
]

T = TypeVar("T")

FOLDER = Path(__file__).with_name("questions")


@dataclass(frozen=True)
class Choice:
    """One answer that can be chosen.

    Parameters
    ----------
    text
        The answer. Backticks mark code.
    why
        What to say to who chose it.
    right
        Whether it is right.
    """

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True, kw_only=True)
class Item:
    """What all items of the bank have.

    Parameters
    ----------
    id
        Its name for ever: ``"handshake-key-why"``.
    lesson
        The lesson that teaches it: ``"02_handshake"``.
    topic
        What it is about, in a word.
    difficulty
        1 to recall, 2 to apply, 3 to put together.
    question
        What is asked. Backticks mark code.
    reason
        Why it is so, in one or two sentences.
    section
        Where the rule stands: ``"RFC 6455 §4.1"``; empty where no text rules it.
    see
        A heading of a lesson that says more: ``"06_lifecycle#A peer that is gone"``; empty for the lesson.
    """

    id: str
    lesson: str
    topic: str
    difficulty: int
    question: str
    reason: str
    section: str = ""
    see: str = ""


@dataclass(frozen=True, kw_only=True)
class Question(Item):
    """A question whose answers are to be chosen from.

    Parameters
    ----------
    choices
        The answers in the order in which they are shown.
    """

    choices: tuple[Choice, ...]

    def __post_init__(self) -> None:
        if not self.right:
            raise ValueError("none of its choices is right")

    @property
    def right(self) -> tuple[int, ...]:
        """The indices of the right choices."""
        return tuple(at for at, choice in enumerate(self.choices) if choice.right)


@cache
def questions() -> tuple[Question, ...]:
    """Give all questions of all files, in the order of the lessons.

    Raises
    ------
    UsageError
        When a file is broken: the message names the file and the item.

    Examples
    --------
    >>> questions()[0].lesson
    '00_start_here'
    """
    found = tuple(question for path in sorted(FOLDER.glob("*.yaml")) for question in read_questions(path))
    seen: set[str] = set()
    for question in found:
        if question.id in seen:
            raise UsageError(f"The question bank has two questions {question.id!r}.")
        seen.add(question.id)
    return found


def quiz_questions(lesson: str) -> tuple[Question, ...]:
    """Give the questions that a lesson asks; none for a lesson that asks none.

    Parameters
    ----------
    lesson
        ``"02_handshake"``.
    """
    return tuple(question for question in questions() if question.lesson == lesson)


def read_questions(path: Path) -> tuple[Question, ...]:
    """Read one file.

    Raises
    ------
    UsageError
        When it is broken: the message names the file and the item.
    """
    return tuple(read_items(path, {"choice": Question}))


def read_items(path: Path, kinds: Mapping[str, type[T]]) -> Iterator[T]:
    """Read a file of items of several kinds.

    Parameters
    ----------
    path
        A YAML file that holds a list of mappings.
    kinds
        By the value of ``kind``: the dataclass that is made of the other fields. One that raises
        `ValueError` when it is made refuses the item.

    Raises
    ------
    UsageError
        When it is broken: the message names the file and the item.
    """
    import yaml

    try:
        items = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.name} is not YAML: {error}") from error
    if not isinstance(items, list):
        raise UsageError(f"{path.name} is not a list of questions.")
    for number, item in enumerate(items, start=1):
        try:
            yield _read(item, kinds)
        except ValueError as why:
            name = item.get("id") if isinstance(item, dict) else None
            raise UsageError(f"{path.name}, item {number} ({name or 'without an id'}): {why}.") from None


def _read(item: Any, kinds: Mapping[str, type[T]]) -> T:
    if not isinstance(item, dict) or not item:
        raise ValueError("it is not a mapping")
    kind = item.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        raise ValueError(f"there is no kind {kind!r}")
    made: T = _made(kinds[kind], {field: value for field, value in item.items() if field != "kind"})
    return made


def _made(what: type[Any], given: Any) -> Any:
    """Make a dataclass of a mapping; whatever is missing, unknown or of another type fails."""
    name = what.__name__.lower()
    if not isinstance(given, dict):
        raise ValueError(f"a {name} is not a mapping: {given!r}")
    known = {field.name: field for field in fields(what)}
    if unknown := sorted(given.keys() - known.keys(), key=str):
        raise ValueError(f"a {name} has no {unknown[0]!r}")
    if missing := [at for at, field in known.items() if at not in given and field.default is MISSING]:
        raise ValueError(f"a {name} lacks {', '.join(missing)}")
    types = get_type_hints(what)
    return what(**{field: _of_type(types[field], field, value) for field, value in given.items()})


def _of_type(wanted: Any, field: str, value: Any) -> Any:
    """Give a value as a field of a dataclass has it: YAML's lists are tuples there."""
    outer = get_origin(wanted) or wanted
    if outer is float and type(value) is int:
        return float(value)
    if is_dataclass(outer) and isinstance(outer, type):
        return _made(outer, value)
    if type(value) is not {tuple: list}.get(outer, outer):
        raise ValueError(f"{field} is {value!r}, which is not {_NAMES[outer]}")
    if outer is tuple:
        return tuple(_of_type(get_args(wanted)[0], field, each) for each in value)
    if outer is dict:
        return {key: _of_type(get_args(wanted)[1], field, each) for key, each in value.items()}
    return value


_NAMES = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    tuple: "a list",
    dict: "a mapping",
}
