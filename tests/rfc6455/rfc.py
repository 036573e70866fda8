"""The text of RFC 6455, and the places in it that oblige somebody.

`rfc6455.txt` is the whole RFC, unmodified: so the IETF Trust's Legal Provisions permit everyone to copy it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

TEXT = Path(__file__).with_name("rfc6455.txt").read_text(encoding="utf-8")
CHAPTERS = range(4, 11)  # before them stand definitions, behind them the registries of IANA

_BETWEEN_PAGES = re.compile(r"\n+Fette & Melnikov [^\n]*\[Page \d+\]\n\f\n(?:RFC 6455 [^\n]*\n+)?")
_HEADING = re.compile(r"^(\d+(?:\.\d+)*)\.  ?\S", re.MULTILINE)
_KEYWORD = re.compile(r"\b(?:MUST|SHALL)(?: NOT)?\b|\bREQUIRED\b")  # those of RFC 2119 that oblige


@dataclass(frozen=True)
class Place:
    """One keyword of RFC 2119: the number of its section, its running number there, its section's text."""

    section: str
    number: int
    start: int
    stop: int
    text: str

    def within(self, words: str) -> bool:
        """Tell whether these words stand here, the keyword among them."""
        return any(
            found.start() <= self.start and self.stop <= found.end()
            for found in re.finditer(re.escape(words), self.text)
        )

    def __str__(self) -> str:
        before, keyword, behind = (
            self.text[: self.start].split()[-4:],
            self.text[self.start : self.stop],
            self.text[self.stop :].split()[:7],
        )
        return f"§{self.section}, place {self.number}: … {' '.join([*before, keyword, *behind])} …"


def sections() -> dict[str, str]:
    """Give the text of each section, in one line: pages and their borders are the printer's."""
    text = _BETWEEN_PAGES.sub("\n\n", TEXT)
    headings = [*_HEADING.finditer(text)]
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return {
        heading[1]: " ".join(text[heading.start() : end].split())
        for heading, end in zip(headings, ends, strict=True)
    }


def places() -> list[Place]:
    """List every place of §4–§10 that obliges, in the order of the text."""
    return [
        Place(section, number, keyword.start(), keyword.end(), body)
        for section, body in sections().items()
        if int(section.partition(".")[0]) in CHAPTERS
        for number, keyword in enumerate(_KEYWORD.finditer(body), 1)
    ]
