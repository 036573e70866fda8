"""An answer in parts, as `wslearn.interview.faces` has them: in a still picture, and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.picture_card import prose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wslearn.interview.faces import Part

__all__ = ["answer_html"]


def answer_html(parts: Iterable[Part]) -> str:
    """Draw an answer; the style stands in ``answer.css``.

    Examples
    --------
    >>> from wslearn.interview.faces import Part
    >>> answer_html([Part("Why", ("`a` is b.",))])
    '<div class="wsl-say wsl-flags"><b>Why</b><p><code>a</code> is b.</p></div>'
    """
    return "".join(
        f'<div class="wsl-say wsl-{part.hue}"><b>{prose(part.name)}</b>{_texts(part.texts)}</div>'
        for part in parts
    )


def _texts(texts: tuple[str, ...]) -> str:
    if len(texts) == 1:
        return f"<p>{prose(texts[0])}</p>"
    return f"<ul>{''.join(f'<li>{prose(text)}</li>' for text in texts)}</ul>"
