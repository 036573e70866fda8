"""Still pictures in a real browser: they fit, they light up, and nothing in them runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Browser
from wslearn import Connection, Frame, Opcode
from wslearn.explain import explain
from wslearn.picture import capture_html
from wslearn.vectors import GOOD_REQUEST, GOOD_RESPONSE

pytestmark = pytest.mark.needs("chromium")

EVIL = "<img src=x onerror='document.title=1'><script>document.title=2</script>"
HELLO = Frame(Opcode.TEXT, b"Hello", masking_key=bytes.fromhex("37fa213d"))
COOKIE = GOOD_REQUEST.replace(b"Upgrade: w", b"Cookie: " + b"x" * 900 + b"\r\nUpgrade: w")
PICTURES = (
    HELLO._repr_html_(),
    Frame(Opcode.PING, bytes(100000), fin=False)._repr_html_(),
    Frame(Opcode.BINARY, bytes(100000))._repr_html_(),
    explain(COOKIE + HELLO.serialize() * 60)._repr_html_(),
    explain(GOOD_RESPONSE.replace(b"websocket", EVIL.encode()))._repr_html_(),
    Frame(Opcode.TEXT, EVIL.encode())._repr_html_(),
    Connection("client")._repr_html_(),
    capture_html([(0, "→", COOKIE + HELLO.serialize()), (0.1, "←", GOOD_RESPONSE + b"\x81\x26" + b"w" * 38)]),
)
LIGHT = {"layout": "#fff", "text": "rgba(0, 0, 0, 0.87)"}
DARK = {"layout": "#111", "text": "#eee"}


def opened(window: Browser, theme: dict[str, str], width: int) -> Page:
    """Open all pictures on one page, in the colours of a theme."""
    page = window.page()
    page.set_viewport_size({"width": width, "height": 900})
    colours = f"--jp-layout-color1: {theme['layout']}; --jp-ui-font-color1: {theme['text']}"
    style = f"{colours}; background: {theme['layout']}; margin: 8px"
    page.set_content(f'<meta charset="utf-8"><body style="{style}">{"".join(PICTURES)}</body>')
    return page


# Right edges, in whole pixels, of what leaves its picture.
OUTSIDE = """() => [...document.querySelectorAll('.wsl-still')].flatMap((picture) => {
    const edge = picture.getBoundingClientRect().right + 1
    return [...picture.querySelectorAll('*')]
        .map((each) => [each.className, each.getBoundingClientRect()])
        .filter(([_, box]) => box.width > 1 && box.right > edge)
        .map(([name, box]) => `${name}: ${Math.round(box.right - edge)}`)
})"""
# How far the colour of a text is from the one behind it: 4.5 is asked for by WCAG 2.1, 1.4.3.
CONTRAST = """() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
    const light = (colours) => {
        for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1) }
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => value / 255)
            .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const says = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim()
    const texts = [...document.querySelectorAll('.wsl-still :not(style)')]
        .filter((each) => [...each.childNodes].some(says))
    return Math.min(...texts.map((text) => {
        const behind = []
        for (let each = text; each; each = each.parentElement) {
            behind.unshift(getComputedStyle(each).backgroundColor)
        }
        const pair = [light(behind), light([...behind, getComputedStyle(text).color])]
        const [low, high] = pair.sort((a, b) => a - b)
        return (high + 0.05) / (low + 0.05)
    }))
}"""


@pytest.mark.parametrize("width", [400, 900, 1600])
def test_nothing_leaves_its_picture(window: Browser, width: int) -> None:
    page = opened(window, LIGHT, width)
    assert page.locator(".wsl-still").count() == len(PICTURES)
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read(window: Browser, theme: dict[str, str]) -> None:
    assert opened(window, theme, 900).evaluate(CONTRAST) >= 4.5


def test_what_belongs_together_lights_up_in_its_own_picture_only(window: Browser) -> None:
    page = opened(window, LIGHT, 900)

    def lit() -> list[str]:
        found: list[str] = page.evaluate("""() => [...document.querySelectorAll('.wsl-b')]
            .filter((cell) => !cell.closest('.wsl-states') && getComputedStyle(cell).outlineWidth === '2px')
            .map((cell) => cell.textContent)""")
        return found

    assert lit() == []
    page.locator(".wsl-still").nth(0).locator("tr.wsl-opcode").hover()
    assert lit() == ["0", "0", "0", "1", "81·"]
    page.locator(".wsl-still").nth(0).locator(".wsl-key.wsl-b").nth(2).hover()
    assert lit() == ["377", "fa·", "21!", "3d="]


def test_nothing_from_the_wire_runs(window: Browser) -> None:
    page = opened(window, LIGHT, 900)
    assert page.title() == ""
    assert page.locator(".wsl-still img, .wsl-still script").count() == 0
    assert "onerror" in page.locator(".wsl-still").nth(5).inner_text()
    assert window.leaks() == []
