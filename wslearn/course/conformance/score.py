"""The conformance score: a whole run against an echo server, as a number, a table and a picture.

::

    CASES ──▶ converse ──▶ judge ──▶ Score
              one TCP      pass, non-strict,
              connection   fail, informational
              each
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from wslearn.course.conformance.cases import select
from wslearn.course.conformance.judge import judge, tell
from wslearn.course.conformance.talk import Patience, converse
from wslearn.net.thread import Handle, LoopThread, serve
from wslearn.spans import count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wslearn.course.conformance.judge import Seen
    from wslearn.course.conformance.kinds import Case, Verdict

__all__ = ["MARKS", "Result", "Score", "score"]

MARKS: dict[Verdict, str] = {"pass": "✓", "non-strict": "~", "fail": "✗", "informational": "–"}
_LISTED = 20  # cases that do not pass, in the text
_ENDLESS = 16  # bytes that are kept of an answer without an end: how many came depends on the moment


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case.

    Parameters
    ----------
    number, group, name, section
        The case.
    autobahn
        The number of Autobahn's case, or empty.
    expected, seen
        What the server had to do, and what it did, in a few words.
    verdict
        ``"pass"``, ``"non-strict"``, ``"fail"`` or ``"informational"``.
    request, answer
        The opening handshake.
    sent, received
        The frames of both sides.
    """

    number: int
    group: str
    name: str
    section: str
    autobahn: str
    expected: str
    seen: str
    verdict: Verdict
    request: bytes = b""
    answer: bytes = b""
    sent: bytes = b""
    received: bytes = b""

    def __str__(self) -> str:
        where = ", ".join(filter(None, [self.section, self.autobahn and f"Autobahn {self.autobahn}"]))
        return (
            f"{MARKS[self.verdict]} {self.verdict:13} {self.number:3}  {self.group}: {self.name} ({where}); "
            f"expected {self.expected}; seen {self.seen}"
        )

    def _repr_html_(self) -> str:
        from wslearn.course.conformance.html import result_html

        return result_html(self)


class Score(Sequence[Result]):
    """The results of a run, in the order of the cases.

    Parameters
    ----------
    results
        One for each case.
    errors
        What went wrong in the server's own code, where it was served for the run.

    Examples
    --------
    >>> row = ("echo", "Hello", "§5.6", "", "text, 5 bytes", "text, 5 bytes")
    >>> run = Score([Result(1, *row, "pass"), Result(2, *row, "informational")])
    >>> run.percent, len(run.passed), len(run.failed)
    (100, 1, 0)
    """

    def __init__(self, results: Iterable[Result], errors: Iterable[str] = ()) -> None:
        self._results = tuple(results)
        self.errors = tuple(sorted(set(errors)))

    @overload
    def __getitem__(self, at: int) -> Result: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Result, ...]: ...
    def __getitem__(self, at: int | slice) -> Result | tuple[Result, ...]:
        return self._results[at]

    def __len__(self) -> int:
        return len(self._results)

    def of(self, verdict: Verdict) -> tuple[Result, ...]:
        """Give the results with this verdict."""
        return tuple(result for result in self if result.verdict == verdict)

    @property
    def passed(self) -> tuple[Result, ...]:
        """The results with the verdict "pass"."""
        return self.of("pass")

    @property
    def failed(self) -> tuple[Result, ...]:
        """The results with the verdict "fail"."""
        return self.of("fail")

    @property
    def percent(self) -> int:
        """How many of a hundred pass, rounded down; what is only informational does not count."""
        judged = len(self) - len(self.of("informational"))
        return 100 * len(self.passed) // judged if judged else 0

    @property
    def groups(self) -> dict[str, list[Result]]:
        """The results by group."""
        found: dict[str, list[Result]] = {}
        for result in self:
            found.setdefault(result.group, []).append(result)
        return found

    @property
    def summary(self) -> str:
        """All of it in one sentence."""
        numbers = Counter(result.verdict for result in self)
        others = ", ".join(f"{numbers[name]} {name}" for name in MARKS if name != "pass" and numbers[name])
        return f"{numbers['pass']} of {count(len(self), 'case')} pass" + f"; {others}" * bool(others)

    def __str__(self) -> str:
        """Lay out the verdicts by group, then what does not pass."""
        lines = [f"{self.percent} %: {self.summary}", ""]
        lines.append(" " * 18 + "".join(f"{name:>15}" for name in MARKS))
        for group, results in self.groups.items():
            numbers = Counter(result.verdict for result in results)
            lines.append(f"{group:18}" + "".join(f"{numbers[name] or '·':>15}" for name in MARKS))
        faults = list(map(str, [*self.failed, *self.of("non-strict")]))
        if faults:
            lines += ["", *faults[:_LISTED]]
        if len(faults) > _LISTED:
            lines.append(f"… and {len(faults) - _LISTED} more")
        return "\n".join([*lines, *(f"! in the server: {error}" for error in self.errors)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from wslearn.course.conformance.html import score_html

        return score_html(self)


def score(
    target: str | Handle | Any, *, only: str | int | Iterable[str | int] | None = None, autobahn: bool = False
) -> Score:
    """Run the cases against an echo server, and say how much of RFC 6455 it obeys.

    Each case has a TCP connection of its own, sends exact bytes, and waits a few seconds at most. How a
    conversation is judged stands in `wslearn.course.conformance.judge`.

    Parameters
    ----------
    target
        What `serve` gave, a ``ws://`` URL on this machine, or what `serve` takes: it is served for the run.
    only
        A group such as ``"closing"``, one of Autobahn's numbers such as ``"6.4.*"``, the number of a
        case, or several of these. With `autobahn`, Autobahn's numbers.
    autobahn
        Run the Autobahn testsuite instead: 517 cases, about ten minutes, nearly all of them for the
        sections 12 and 13. It needs the package ``kosoku``.

    Returns
    -------
    Score
        The verdicts, which print as a table and are drawn in a notebook.

    Raises
    ------
    UsageError
        When nobody listens, for a server elsewhere or with TLS, and for an `only` that names no case.

    Examples
    --------
    >>> from wslearn.net import serve
    >>> with serve() as server:
    ...     run = score(server, only="closing")
    >>> run.percent, [result.verdict for result in run if result.name == "close code 1006"]
    (100, ['pass'])
    """
    if isinstance(target, str):
        return _run(target, only, autobahn=autobahn)
    if isinstance(target, Handle):
        return _run(target.url, only, autobahn=autobahn)
    with serve(target) as server:
        found = _run(server.url, only, autobahn=autobahn)
        return Score(found, server.errors)


def _run(url: str, only: str | int | Iterable[str | int] | None, *, autobahn: bool) -> Score:
    if autobahn:
        from wslearn.course.conformance.autobahn import fuzz

        return Score(fuzz(url, only))
    cases, patience = select(only), Patience()
    thread = LoopThread("wslearn score")  # in a notebook, this thread has a loop that runs already
    try:
        seen = thread.run(converse(url, cases, patience))
    finally:
        thread.stop()
    return Score(_result(*each, patience.answer) for each in zip(cases, seen, strict=True))


def _result(case: Case, seen: Seen, patience: float) -> Result:
    return Result(
        case.number,
        case.group,
        case.name,
        case.section,
        case.autobahn,
        case.wanted,
        tell(case, seen, patience),
        judge(case, seen),
        seen.request,
        seen.answer,
        seen.sent,
        seen.received[:_ENDLESS] if seen.overdue else seen.received,
    )
