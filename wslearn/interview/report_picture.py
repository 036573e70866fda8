"""How the report of a mock interview is written: as Markdown, as a picture, as a page that stands alone."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from wslearn.interview.bank import Open, kind_of
from wslearn.interview.rehearsal import asked, points
from wslearn.picture_card import card, prose, verdict_bar

if TYPE_CHECKING:
    from wslearn.interview.drawing import Timed
    from wslearn.interview.report import Mark, Report

__all__ = ["duration", "report_body", "report_html", "report_markdown", "report_page", "strong", "typed"]


def duration(seconds: float) -> str:
    """Write a time in minutes and seconds.

    Examples
    --------
    >>> duration(754.9)
    '12:34'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def strong(item: Timed) -> str:
    """Give what one would be glad to hear."""
    return item.strong if isinstance(item, Open) else " ".join(item.steps)


def typed(answer: str) -> str:
    """Give what a candidate typed as HTML, its lines kept."""
    return f'<p class="wsl-typed">{escape(answer) or "Nothing."}</p>'


def report_markdown(told: Report) -> str:
    """Write a report as Markdown."""
    lines = [
        f"# {_title(told)}",
        "",
        f"**{told.score}**, {told.told}.",
        "",
        "| topic | points |",
        "|---|---|",
    ]
    lines += [f"| {topic.name} | {topic.got} of {topic.of} |" for topic in told.topics]
    lines += ["", "## What to revise", ""]
    for topic in told.revise:
        links = ", ".join(f"[{_marked(text)}]({href})" for text, href in topic.links)
        lines.append(f"- **{topic.name}**: {links}, `{topic.cards}`. Missing:")
        lines += [f"  - {_marked(point)}" for point in topic.missing]
    lines += ["" if told.revise else "Nothing was missing.\n", "## What was said", ""]
    for number, mark in enumerate(told.marks, 1):
        lines += _mark_lines(number, mark)
    return "\n".join(lines).rstrip() + "\n"


def report_page(told: Report) -> str:
    """Write a report as a page that stands alone."""
    title = escape(_title(told))
    head = f'<meta charset="utf-8"><title>{title}</title>'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head += "<style>:root { color-scheme: light dark } body { margin: 1rem }</style>"
    body = f"<main><h1>{title}</h1>{report_html(told)}</main>"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def report_html(told: Report) -> str:
    """Draw a report."""
    if not told.begun:
        return card("Mock interview: report", "none", "", verdict_bar("–", "not yet", told.told, ""))
    mark = "✓" if told.marks and not told.revise else "–"
    verdict = verdict_bar(mark, told.score, told.told, "")
    return card("Mock interview: report", told.begun[:10], report_body(told), verdict)


def report_body(told: Report) -> str:
    """Draw what a report says, without its frame."""
    style = " ".join(Path(__file__).with_suffix(".css").read_text(encoding="utf-8").split())
    answers = "".join(map(_mark_html, told.marks))
    said = f'<div class="wsl-part"><ol class="wsl-said">{answers}</ol></div>' if answers else ""
    return f"<style>{style}</style>{_topics(told)}{said}"


def _title(told: Report) -> str:
    return f"Mock interview {told.begun[:10]}".rstrip()


def _marked(text: str) -> str:
    """Write a text of the bank in Markdown: code stays code, and nothing else is markup."""
    parts = text.split("`")
    return "".join(f"`{part}`" if at % 2 else _escaped(part) for at, part in enumerate(parts))


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|~&])", r"\\\1", text)


def _took(mark: Mark) -> str:
    return f"{kind_of(mark.item)}, {mark.item.topic}, {duration(mark.seconds)} of {mark.item.minutes} minutes"


def _mark_lines(number: int, mark: Mark) -> list[str]:
    lines = [f"### {number}. {_marked(mark.item.question)}", "", f"*{_took(mark)}*", ""]
    for at, (question, answer) in enumerate(zip(asked(mark.item), mark.answers, strict=True)):
        if at and not answer:
            continue
        lines += [f"**{_marked(question)}**", ""] if at else []
        lines += [f"> {_escaped(line)}  " for line in (answer or "Nothing.").split("\n")]
        lines.append("")
    for point, had in zip(points(mark.item), mark.had, strict=True):
        lines.append(f"- {'✓' if had else '✗'} {_marked(point)}")
    return [*lines, "", f"A strong answer: {_marked(strong(mark.item))}", ""]


def _topics(told: Report) -> str:
    rows = []
    for topic in told.topics:
        links = " · ".join(f'<a href="{escape(href)}">{escape(text)}</a>' for text, href in topic.links)
        again = f"{links} · <code>{escape(topic.cards)}</code>" if topic.missing else ""
        missing = "".join(f"<li>{prose(point)}</li>" for point in topic.missing)
        inside = f"<p>{again}</p><ul>{missing}</ul>" if missing else "nothing is missing"
        hue = "length" if topic.missing else "payload"
        cells = (
            f'<th scope="row">{escape(topic.name)}</th><td>{topic.got} of {topic.of}</td><td>{inside}</td>'
        )
        rows.append(f'<tr class="wsl-{hue}">{cells}</tr>')
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("topic", "points", "what to revise"))
    table = f'<table class="wsl-topics"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return f'<div class="wsl-part">{table}</div>' if rows else ""


def _mark_html(mark: Mark) -> str:
    said = "".join(
        f"{f'<p><b>{prose(question)}</b></p>' * bool(at)}{typed(answer)}"
        for at, (question, answer) in enumerate(zip(asked(mark.item), mark.answers, strict=True))
        if answer or not at
    )
    scored = "".join(
        f'<li class="wsl-{"payload" if had else "fault"}">{"✓" if had else "✗"} {prose(point)}</li>'
        for point, had in zip(points(mark.item), mark.had, strict=True)
    )
    head = f'<p><b>{prose(mark.item.question)}</b> <span class="wsl-name">{escape(_took(mark))}</span></p>'
    answer = f"<details><summary>A strong answer</summary><p>{prose(strong(mark.item))}</p></details>"
    return f"<li>{head}{said}<ul>{scored}</ul>{answer}</li>"
