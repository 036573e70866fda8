"""The editor in two pages at once: they write together, apart and offline, and come out the same."""

from playwright.sync_api import Page

from tests.browser.app_pages import AppPages, app_pages
from tests.browser.chromium import Browser
from wslearn.labs.apps.editor import editor

DIFFERENCES = """async () => {
  const { difference, moved } = await import('./editor/editor.js')
  const pairs = [
    ['aa', 'aaa', 2], ['aa', 'aaa', 1], ['hello', 'help', 4], ['abc', '', 0], ['', 'abc', 3],
    ['one two', 'one 2 two', 5], ['a😀b', 'a😁b', 3], ['a😀b', 'a😀😀b', 5], ['xx', 'x', 0],
  ]
  const half = /^[\udc00-\udfff]/
  const wrong = pairs.filter(([before, after, cursor]) => {
    const { start, gone, put } = difference(before, after, cursor)
    return before.slice(0, start) + put + before.slice(start + gone) !== after || half.test(put)
  })
  const places = [
    moved(3, [{ insert: 'ab' }]),
    moved(3, [{ retain: 3 }, { insert: 'ab' }]),
    moved(3, [{ retain: 5 }, { delete: 4 }]),
    moved(3, [{ retain: 1 }, { delete: 4 }]),
    moved(3, [{ delete: 1 }, { retain: 1 }, { insert: 'xyz' }]),
  ]
  return [wrong, places, difference('aa', 'aaa', 1).start, difference('aa', 'aaa', 2).start]
}"""
APPEND = """text => {
  const area = document.getElementById('text')
  area.value += text
  area.dispatchEvent(new Event('input'))
}"""
STRANGER = """async () => {
  const { Awareness, Doc, encodeAwarenessUpdate } = await import('./editor/yjs.js')
  window.tell = (state) => new Promise((done) => {
    const awareness = new Awareness(new Doc())
    awareness.setLocalState(state)
    const update = encodeAwarenessUpdate(awareness, [awareness.clientID])
    awareness.destroy()
    const socket = new WebSocket(location.href.replace('http', 'ws'))
    socket.onopen = () => done(socket.send(new Uint8Array([1, update.length, ...update])))
  })
}"""
STATES = (
    {"user": {"name": "<img src=x>"}},
    {"user": 5, "cursor": 7},
    {"cursor": {"head": {"item": "?"}}},
)


def texts(page: Page) -> str:
    return page.input_value("#text")


def caret(page: Page) -> int:
    return int(page.evaluate("document.getElementById('text').selectionStart"))


def settled(app: AppPages) -> str:
    """Wait until nothing is unsent any more and both pages show the same."""
    for page in app.pages:
        page.wait_for_function("() => document.getElementById('unsent').textContent === '0 changes'")
    return app.agree(texts)


def test_two_pages_write_at_once(browser: Browser) -> None:
    with app_pages(browser, editor) as app:
        ada, bob = app.pages
        ada.fill("#name", "Ada")
        ada.focus("#text")
        ada.keyboard.type("Hello 😀 world")
        assert app.agree(texts, lambda text: text == "Hello 😀 world")
        bob.focus("#text")
        bob.keyboard.press("End")
        ada.keyboard.press("Home")
        ada.keyboard.type(">> ")
        app.agree(texts, lambda text: text == ">> Hello 😀 world")
        assert caret(bob) == len(">> Hello 😀 world".encode("utf-16-le")) // 2
        bob.keyboard.type("!")
        assert settled(app) == ">> Hello 😀 world!"
        assert caret(ada) == 3
        # Each sees where the other one is, and may take back its own.
        bob.wait_for_selector(".caret[data-name=Ada]")
        bob.wait_for_selector("#people >> text=Ada, line 1")
        ada.keyboard.press("Control+z")
        assert "!" in app.agree(texts, lambda text: not text.startswith(">>"))
        assert bob.inner_text("#merged").split()[0] not in {"", "0"}


def test_offline_edits_are_merged(browser: Browser) -> None:
    with app_pages(browser, editor, nodes=2) as app:
        ada, bob = app.pages
        ada.fill("#text", "The middle.")
        settled(app)
        ada.focus("#offline")
        ada.keyboard.press("Enter")
        ada.wait_for_selector(".status[data-state=offline]")
        ada.focus("#text")
        ada.keyboard.press("Control+Home")
        ada.keyboard.type("Ada's beginning. ")
        bob.focus("#text")
        bob.keyboard.press("Control+End")
        bob.keyboard.type(" Bob's end.")
        assert texts(ada) == "Ada's beginning. The middle."
        assert texts(bob) == "The middle. Bob's end."
        assert "not confirmed yet" in ada.inner_text("#status")
        ada.focus("#offline")
        ada.keyboard.press("Enter")
        assert settled(app) == "Ada's beginning. The middle. Bob's end."


def test_cuts_lose_nothing(browser: Browser) -> None:
    with app_pages(browser, editor) as app:
        ada, bob = app.pages
        for number in range(4):
            for name, page in (("a", ada), ("b", bob)):
                page.focus("#text")
                page.keyboard.press("Control+Home")
                page.keyboard.type(f"{name}{number} ")
                if number % 2:
                    app.cut()
        app.connected()
        assert sorted(settled(app).split()) == sorted(f"{name}{n}" for n in range(4) for name in "ab")


def test_what_the_server_does_not_take(browser: Browser) -> None:
    with app_pages(browser, editor) as app:
        ada, bob = app.pages
        bob.fill("#text", "shared ")
        ada.evaluate(APPEND, "x" * 200_000)
        assert len(settled(app)) == 200_007
        ada.evaluate(APPEND, "y" * 100_000)
        ada.wait_for_selector("#refused >> text=The document is full")
        assert "y" not in texts(bob)
        ada.focus("#refused button")
        ada.keyboard.press("Enter")
        assert len(settled(app)) == 200_007


def test_what_strangers_send(browser: Browser) -> None:
    """Names and text are shown as text, and an odd cursor hurts no page."""
    with app_pages(browser, editor) as app:
        ada, bob = app.pages
        ada.evaluate(STRANGER)
        for state in STATES:
            ada.evaluate("state => tell(state)", state)
        bob.wait_for_function("() => document.querySelectorAll('#people li').length === 5")
        assert bob.locator("#people img").count() == 0
        assert "<img src=x>" in bob.inner_text("#people")


def test_looks(browser: Browser) -> None:
    with app_pages(browser, editor) as app:
        ada, bob = app.pages
        assert ada.evaluate(DIFFERENCES) == [[], [5, 3, 3, 1, 5], 0, 1]
        ada.fill("#name", "Ada")
        bob.fill("#name", "Bob")
        ada.focus("#text")
        ada.keyboard.type("The quick brown fox\njumps over the lazy dog.")
        settled(app)
        bob.focus("#text")
        bob.keyboard.press("Control+End")
        ada.wait_for_selector(".caret[data-name=Bob]")
        assert app.axe(ada) == []
        for width in (400, 1100):
            assert app.overflow(ada, width) == []
