"""What a lesson claims in its text without a cell that shows it or a section that says it."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

_NUMBER = re.compile(
    r"(?<![\w.,/#-])(?:0x[0-9a-f]+|\d+(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w/]|-[a-z])", re.IGNORECASE
)
_HEADER = re.compile(r"\bSec-WebSocket-[A-Za-z]+\b")
_CITED = re.compile(r"§|\bRFC \d{4}\b")
# What is no claim: links, HTML tags, and the numbers of lessons.
_ASIDE = re.compile(
    r"\]\([^)]*\)|<[a-z/][^>]*>|\blessons? \d\d(?:[, and–-]+\d\d)*|\b\d\d_\w+|\b\d\d · ", re.IGNORECASE
)
_SMALL = 12  # up to here a number is a word like any other


def unproven(notebook: NotebookNode) -> Iterator[str]:
    """Name each number and header that stands in the text alone, with its cell's number."""
    shown = _shown(notebook)
    for place, cell in enumerate(notebook.cells[1:], 1):
        if cell.cell_type != "markdown":
            continue
        for block in re.split(r"\n\s*\n", _ASIDE.sub(" ", cell.source)):
            if _CITED.search(block):
                continue
            claims = [*_NUMBER.findall(block), *_HEADER.findall(block)]
            yield from (f"cell {place}: {claim}" for claim in claims if not _is_shown(claim, shown))


def _is_shown(claim: str, shown: str) -> bool:
    plain = claim.replace(",", "")
    if plain.isdecimal() and int(plain) <= _SMALL:
        return True
    # A byte that is written 0x81 in the text stands as 81 in a dump.
    digits = re.escape(plain).replace("0x", "(?:0x)?")
    pattern = rf"(?<![\w.]){digits}(?![\w]|\.\d)"
    return re.search(pattern, shown, re.IGNORECASE) is not None


def _shown(notebook: NotebookNode) -> str:
    """Put all code and all that it printed together, numbers without commas or underscores."""
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            parts.append(cell.source)
            for output in cell.outputs:
                parts += [output.text] if output.output_type == "stream" else _texts(output)
    text = re.sub(r"<style>.*?</style>", " ", "\n".join(parts), flags=re.DOTALL)
    return re.sub(r"(?<=\d)[,_](?=\d)", "", text)


def _texts(output: NotebookNode) -> list[str]:
    return [str(value) for kind, value in output.get("data", {}).items() if kind.startswith("text/")]
