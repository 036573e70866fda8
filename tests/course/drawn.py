"""What a picture of the course says: it has links and things to open, which other still pictures have not."""

from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input"}
TAGS = {
    *("div", "style", "strong", "span", "b", "i", "code", "p", "ol", "ul", "li", "details", "summary"),
    *("a", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"class", "role", "aria-label", "aria-hidden", "scope", "href", "data-of", "colspan"}


class Drawn(HTMLParser):
    """The text, the links and the tags of a picture; fails where tags do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[tuple[str, str]] = []
        self._attributes: set[str] = set()
        self._texts: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []
        assert set(self.tags) <= TAGS, set(self.tags) - TAGS
        assert self._attributes <= ATTRIBUTES, self._attributes - ATTRIBUTES

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in VOID
        self.tags.append(tag)
        self._attributes |= {name for name, _ in attrs}
        self._open.append(tag)
        self.links += [(value or "", "") for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["style"]:
            return
        self._texts.append(data)
        if self._open[-1:] == ["a"]:
            target, label = self.links[-1]
            self.links[-1] = target, label + data

    @property
    def text(self) -> str:
        """All that is shown, as one string with single blanks."""
        return " ".join(" ".join(self._texts).split())


def drawn(html: str) -> Drawn:
    """Parse a picture; check that nothing in it runs and that it asks for nothing."""
    assert "url(" not in html
    assert "@import" not in html
    return Drawn(html)
