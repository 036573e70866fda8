"""The way from HTTP to WebSocket on paper: all lanes, all rows, the verdict; no time and no port."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from wslearn.picture_card import card, row, verdict_bar, words

if TYPE_CHECKING:
    from wslearn.widgets.upgrade_parts import Story

__all__ = ["story_html"]


def story_html(story: Story, note: str, *, changes: bool = False) -> str:
    r"""Draw a story.

    Parameters
    ----------
    story
        Made without times and addresses.
    note
        What the bar says beside the title.
    changes
        Whether values and sizes differ from run to run: then only the lanes are drawn, without sizes.

    Examples
    --------
    >>> from wslearn.widgets.upgrade_parts import Wire
    >>> from wslearn.widgets.upgrade_story import tell
    >>> "405 Method Not Allowed" in story_html(tell(Wire(b"PUT / HTTP/1.1\r\n\r\n", b"")), "practice")
    True
    """
    head = '<tr><th class="wsl-t">client</th><th></th><th class="wsl-t">server</th></tr>'
    lanes = "".join(_lane(lane, sized=not changes) for lane in story.lanes)
    table = f'<table class="wsl-lanes"><tbody>{head}{lanes}</tbody></table>'
    body = f'<div class="wsl-part">{table}</div>'
    if not changes:
        body += "".join(map(_chapter, story.chapters))
    verdict = story.verdict
    bar = verdict_bar(verdict["mark"], verdict["verdict"], verdict["text"], verdict["note"])
    return card("From HTTP to WebSocket", note, body, bar)


def _lane(lane: dict[str, Any], *, sized: bool) -> str:
    text = escape("".join(piece for _, piece in lane["parts"]))
    if lane["way"] in {"switch", "end"}:
        mark = "✗ " if lane["way"] == "end" else ""
        return f'<tr><td class="wsl-switch wsl-{lane["kind"]}" colspan="3">{mark}{text}</td></tr>'
    back = " wsl-back" if lane["way"] == "←" else ""
    arrow = f'<span class="wsl-unseen">{lane["way"]} </span>{text}<i></i>'
    middle = f'<td><div class="wsl-arrow{back} wsl-{lane["kind"]}">{arrow}</div></td>'
    return f'<tr><td class="wsl-t"></td>{middle}<td class="wsl-t">{lane["size"] if sized else ""}</td></tr>'


def _chapter(chapter: dict[str, Any]) -> str:
    rows = []
    for each in chapter["rows"]:
        name = f"{each['mark']} {each['name']}".strip()
        rows.append(row(name, each["value"], each["meaning"], each["section"], f"wsl-{each['kind']}"))
    title = escape(": ".join(filter(None, (chapter["title"], chapter["part"]))))
    return f'<div class="wsl-part"><div class="wsl-name">{title}</div>{words(rows)}</div>'
