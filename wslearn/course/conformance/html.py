"""The conformance score as a picture, without JavaScript: a bar, a table, and the bytes of what fails."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from wslearn.course.conformance.score import MARKS
from wslearn.errors import HandshakeError
from wslearn.explain import explain
from wslearn.http import Request
from wslearn.picture import explanation_html
from wslearn.picture_card import card, verdict_bar
from wslearn.spans import visible

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wslearn.course.conformance.kinds import Verdict
    from wslearn.course.conformance.score import Result, Score
    from wslearn.spans import Explanation

__all__ = ["result_html", "score_html"]

_KINDS: dict[Verdict, str] = {
    "pass": "payload",
    "non-strict": "length",
    "fail": "fault",
    "informational": "flags",
}
_COLUMNS = ("case", "Autobahn", "the client sends", "expected", "seen", "verdict")
_OPENED = 40  # results whose bytes a score shows; each result alone shows its own
_DATE = re.compile(rb"^date:.*\r\n", re.IGNORECASE | re.MULTILINE)
_SHEET = re.compile(r"<style>.*?</style>", re.DOTALL)


def score_html(run: Score) -> str:
    """Draw a run.

    Examples
    --------
    >>> from wslearn.course.conformance.score import Result, Score
    >>> html = score_html(Score([Result(1, "echo", "<b>", "§5.6", "", "text", "text", "pass")]))
    >>> "100 %" in html, "<td>&lt;b&gt;" in html
    (True, True)
    """
    numbers = Counter(result.verdict for result in run)
    shown = {result.number for result in [*run.failed, *run.of("non-strict")][:_OPENED]}
    parts = [_bar(numbers) + _chips(numbers)]
    parts += [_group(group, results, shown) for group, results in run.groups.items()]
    if run.errors:
        items = "".join(f"<li>{escape(visible(error))}</li>" for error in run.errors)
        parts.append(f'<div class="wsl-name">What went wrong in the server itself:</div><ul>{items}</ul>')
    is_clean = not numbers["fail"] and not numbers["non-strict"]
    mark, word = ("✓", "conforms") if is_clean else ("✗", "does not conform yet")
    if not numbers["fail"] and not is_clean:
        mark, word = "~", "conforms, not strictly"
    note = f"{run.percent} %"
    verdict = verdict_bar(mark, word, f"{run.summary}.", note)
    return card("Conformance", note, _style() + "".join(map(_part, parts)), verdict)


def result_html(result: Result) -> str:
    """Draw one case: what was expected and seen, and the bytes of both sides.

    Examples
    --------
    >>> from wslearn.course.conformance.score import Result
    >>> html = result_html(Result(1, "echo", "Hello", "§5.6", "1.1.1", "text", "TCP closed", "fail"))
    >>> "Autobahn 1.1.1" in html, "✗ fail" in html
    (True, True)
    """
    note = f"Autobahn {result.autobahn}" if result.autobahn else result.section
    words = f"Expected {result.expected}; seen {result.seen}."
    verdict = verdict_bar(MARKS[result.verdict], result.verdict, words, result.section)
    title = f"Case {result.number}, {result.group}: {result.name}"
    return card(title, note, _style() + _part(_bytes(result)), verdict)


def _part(html: str) -> str:
    return f'<div class="wsl-part">{html}</div>'


def _bar(numbers: Counter[Verdict]) -> str:
    there = [verdict for verdict in MARKS if numbers[verdict]]
    parts = "".join(
        f'<span class="wsl-{_KINDS[verdict]}" style="flex-grow: {numbers[verdict]}"></span>'
        for verdict in there
    )
    said = ", ".join(f"{numbers[verdict]} {verdict}" for verdict in there)
    return f'<div class="wsl-tally" role="img" aria-label="{said}">{parts}</div>'


def _chips(numbers: Counter[Verdict]) -> str:
    chips = (_chip(verdict, f"{numbers[verdict]} {verdict}") for verdict in MARKS if numbers[verdict])
    return f'<span class="wsl-chips">{"".join(chips)}</span>'


def _chip(verdict: Verdict, text: str) -> str:
    return f'<span class="wsl-b wsl-chip wsl-{_KINDS[verdict]}">{MARKS[verdict]} {text}</span>'


def _group(group: str, results: Sequence[Result], shown: Collection[int]) -> str:
    """Fold the results of a group away, and leave it open where something is to be looked at."""
    numbers = Counter(result.verdict for result in results)
    is_open = " open" * bool(numbers["fail"] + numbers["non-strict"])
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    rows = "".join(_row(result) + _more(result) * (result.number in shown) for result in results)
    table = f'<table class="wsl-cases"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    summary = f"<summary><b>{escape(group)}</b> {_chips(numbers)}</summary>"
    return f'<details class="wsl-group"{is_open}>{summary}{table}</details>'


def _row(result: Result) -> str:
    texts = (result.autobahn or "–", result.name, result.expected, result.seen)
    cells = "".join(f"<td>{escape(text)}</td>" for text in texts)
    return (
        f'<tr class="wsl-{_KINDS[result.verdict]}"><th scope="row">{result.number}</th>{cells}'
        f"<td>{_chip(result.verdict, result.verdict)}</td></tr>"
    )


def _more(result: Result) -> str:
    summary = f"<summary>the bytes of case {result.number}</summary>"
    cell = f'<td colspan="{len(_COLUMNS)}"><details>{summary}{_bytes(result)}</details></td>'
    return f'<tr class="wsl-more wsl-{_KINDS[result.verdict]}">{cell}</tr>'


def _bytes(result: Result) -> str:
    """Explain what went both ways: the frames, or the handshake where it came to no frame."""
    if result.sent:
        told = [explain(result.sent, "client"), explain(result.received, "server")]
    else:
        told = [explain(result.request, "client"), _explain_answer(result)]
    drawn = "".join(explanation_html(each) for each in told if each.data)
    return _SHEET.sub("", drawn)  # one sheet does for all


def _explain_answer(result: Result) -> Explanation:
    try:
        request = Request.parse(result.request)
    except HandshakeError:
        request = None
    # Only the Date differs from run to run, and it tells nothing.
    return explain(_DATE.sub(b"", result.answer), "server", request=request)


@cache
def _style() -> str:
    sheet = Path(__file__).with_name("score.css").read_text(encoding="utf-8")
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    sheet = re.sub(r"\s+", " ", sheet).strip()
    return f"<style>{sheet}</style>"
