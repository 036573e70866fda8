"""What MockView shows of a mock interview: plain values for the page, and the still picture."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from wslearn.interview.bank import TOPICS, Open, kind_of
from wslearn.interview.keeping import notice
from wslearn.interview.links import reading
from wslearn.interview.rehearsal import asked, points
from wslearn.interview.report import report
from wslearn.interview.report_picture import report_body, strong, typed
from wslearn.picture_card import card, prose, verdict_bar
from wslearn.spans import count
from wslearn.widgets.base import style_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wslearn.interview.drawing import Timed
    from wslearn.interview.rehearsal import Rehearsal

__all__ = ["KINDS", "STEPS", "mock_still", "shown", "ticked"]


def shown(held: Rehearsal | None, choice: Mapping[str, Any], at: int) -> dict[str, Any]:
    """Give the values of MockView's traits.

    Parameters
    ----------
    held
        The interview; none before it begins.
    choice
        What is chosen for it.
    at
        The question that is being scored.
    """
    traits: dict[str, Any] = {
        "notice": notice(),
        "phase": "ready" if held is None else held.phase,
        "verdict": _verdict(held, choice, at),
    }
    if held is not None:
        traits["clock"] = _clock(held)
        if held.phase == "asking":
            traits |= {"shown": _question(held), "kept": held.said.get((held.item.id, held.part), "")}
        else:
            traits |= {"scored": [_to_score(held, item) for item in held.reached], "ticked": ticked(held)}
        if held.phase == "done":
            traits["told"] = report_body(report(held))
    return traits


def ticked(held: Rehearsal) -> list[list[int]]:
    """Give of each question that was asked the indices of the points that its answer has."""
    return [
        [at for at, point in enumerate(points(item)) if point in held.had.get(item.id, ())]
        for item in held.reached
    ]


def mock_still(held: Rehearsal | None, choice: Mapping[str, Any]) -> str:
    """Draw it without JavaScript."""
    if held is not None and held.phase != "asking":
        return report(held)._repr_html_()
    verdict = _verdict(held, choice, 0)
    steps = "".join(f"<li>{escape(step)}</li>" for step in STEPS)
    body = f'<div class="wsl-part"><ol class="wsl-steps">{steps}</ol></div>'
    if held is not None:
        items = "".join(
            f"<li><p><b>{prose(text)}</b></p>{typed(held.said.get((item.id, part), ''))}</li>"
            for number, item in enumerate(held.items[: held.question + 1])
            for part, text in enumerate(asked(item))
            if (number, part) <= (held.question, held.part)
        )
        body = f'<div class="wsl-part"><ol class="wsl-steps">{items}</ol></div>'
    minutes = choice["minutes"] if held is None else held.minutes
    bar = verdict_bar(verdict["mark"], verdict["verdict"], verdict["text"], "")
    return card(
        "Mock interview", f"{minutes} minutes", style_of(__file__.replace("shown", "view")) + body, bar
    )


#: What the kinds of questions are called.
KINDS = {"short": "short answers", "decision": "decisions", "estimate": "estimates", "design": "designs"}

#: How it goes.
STEPS = (
    "The clock starts, and one question comes after the other. Answer aloud, and type what you say.",
    "What an interviewer would ask next follows, while there is time. You can pause, leave, and come back.",
    "Then you hold your answers against a strong one, and tick the points that they have.",
    "The report says what to revise, and where.",
)


def _verdict(held: Rehearsal | None, choice: Mapping[str, Any], at: int) -> dict[str, str]:
    mark, word, text = _said(held, choice, at)
    return {"mark": mark, "verdict": word, "text": text, "note": ""}


def _said(held: Rehearsal | None, choice: Mapping[str, Any], at: int) -> tuple[str, str, str]:
    if held is None:
        topics = ", ".join(choice["topics"]) or f"all {len(TOPICS)} topics"
        return (
            "–",
            "not begun",
            f"{choice['minutes']} minutes: {', '.join(KINDS[kind] for kind in choice['kinds'])}; {topics}.",
        )
    if held.phase == "done":
        told = report(held)
        return "✓", told.score, f"{told.told}."
    if held.phase == "scoring":
        return (
            "",
            f"scoring {at + 1} of {len(held.reached)}",
            "Tick what your answer has. Be strict: they will be.",
        )
    if held.is_up:
        return "", "time is over", "Finish your sentence, then go on to the scoring."
    if not held.running:
        return "–", "paused", "The time stands still, and what you wrote is kept."
    number = f"question {held.question + 1} of {len(held.items)}"
    return "", number, f"Plan about {count(held.item.minutes, 'minute')} for it, with all that follows."


def _clock(held: Rehearsal) -> dict[str, Any]:
    return {
        "elapsed": round(held.elapsed, 2),
        "of": 60 * held.minutes,
        "running": held.running,
        "up": held.is_up,
    }


def _question(held: Rehearsal) -> dict[str, Any]:
    item, parts = held.item, asked(held.item)
    before = [{"asked": parts[part], "said": held.said.get((item.id, part), "")} for part in range(held.part)]
    return {
        "question": held.question,
        "part": held.part,
        "title": f"Question {held.question + 1} of {len(held.items)}",
        "about": _about(item),
        "text": parts[held.part],
        "before": before,
        "next": held.next_is,
    }


def _to_score(held: Rehearsal, item: Timed) -> dict[str, Any]:
    said = [
        {"asked": text, "said": held.said.get((item.id, part), "")} for part, text in enumerate(asked(item))
    ]
    return {
        "about": _about(item),
        "text": item.question,
        "said": [each for at, each in enumerate(said) if each["said"] or not at],
        "points": list(points(item)),
        "strong": strong(item),
        "weak": item.weak if isinstance(item, Open) else "",
        "reason": item.reason,
        "section": item.section,
        "link": reading(item)._asdict(),
    }


def _about(item: Timed) -> str:
    return f"{kind_of(item)} · {item.topic} · about {count(item.minutes, 'minute')}"
