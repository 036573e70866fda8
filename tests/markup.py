"""What a picture says to a parser that never heard of it."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input"}


class Picture(HTMLParser):
    """The text, the tags and the attributes of a picture; fails where tags do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in VOID
        self.tags.append(tag)
        self.attributes += attrs
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All that is shown, as one string with single blanks."""
        return " ".join(" ".join(self.texts).split())


def picture(html: str) -> Picture:
    """Parse a picture, and check what holds for every picture: no script, no link, no id."""
    parsed = Picture(html)
    assert set(parsed.tags) <= {
        *("div", "style", "strong", "span", "small", "b", "i"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert {name for name, _ in parsed.attributes} <= {
        *("class", "role", "aria-label", "aria-current", "scope", "colspan"),
    }
    assert "url(" not in html
    assert "@import" not in html
    return parsed
