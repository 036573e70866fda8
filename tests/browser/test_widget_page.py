"""The page that widgets are tried on, with a widget whose faults are known."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

# A button that counts, in Python; and, when told so, every fault that the page must find.
COUNTER = '''
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = """
    export default { render({ model, el }) {
      const root = document.createElement('section')
      root.className = 'wsl'
      root.setAttribute('aria-label', 'Counter')
      const press = document.createElement('button')
      const draw = () => { press.textContent = `${model.get('count')} of ${model.get('most')}` }
      press.onclick = () => { model.set('wish', model.get('count') + 1); model.save_changes() }
      model.on('change:count', draw)
      draw()
      root.append(press)
      el.append(root)
      const fault = model.get('fault')
      if (fault === 'wide') press.style.width = '5000px'
      if (fault === 'pale') press.style.cssText = 'color: #ccc; background: #fff'
      if (fault === 'console') console.error('lost')
      if (fault === 'request') fetch('http://example.com/x').catch(() => {})
      if (fault === 'stays' || fault === 'ends') {
        const end = new AbortController()
        const hear = () => {}
        window.addEventListener('resize', hear)
        document.addEventListener('keydown', hear, { signal: end.signal })
        const tick = setInterval(hear, 1000)
        const later = setTimeout(hear, 60000)
        let frame = 0
        const draw = () => { frame = requestAnimationFrame(draw) }
        draw()
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/events/subscribe`)
        window.end = () => {
          end.abort(); window.removeEventListener('resize', hear); clearInterval(tick); clearTimeout(later)
          cancelAnimationFrame(frame); socket.close()
        }
        if (fault === 'ends') return window.end
      }
    } }"""
    count = traitlets.Int(0).tag(sync=True)
    wish = traitlets.Int(0).tag(sync=True)
    most = traitlets.Int(9).tag(sync=True)
    fault = traitlets.Unicode("").tag(sync=True)

    @traitlets.observe("wish")
    def _count(self, change):
        if self.fault == "kernel":
            raise ValueError("not today")
        self.count = min(change.new, self.most)

'''

# What it starts when told to, sorted.
MADE = [
    "WebSocket",
    "listener of keydown",
    "listener of resize",
    "requestAnimationFrame",
    "setInterval",
    "setTimeout",
]


def show(lab_page: WidgetPage, fault: str = "") -> Locator:
    return lab_page.show(f"{COUNTER}view = Counter(fault={fault!r})\nview")


@pytest.fixture
def faulty_page(module_page: WidgetPage) -> Iterator[WidgetPage]:
    """The page, without the check at its end that all went well."""
    module_page.clear()
    yield module_page
    module_page.clear()


class TestUse:
    def test_a_press_reaches_the_kernel_and_its_answer_the_page(self, lab_page: WidgetPage) -> None:
        view = show(lab_page)
        view.get_by_role("button").click()
        lab_page.until("view.count", 1)
        view.get_by_text("1 of 9").wait_for()
        view.get_by_role("button").focus()
        lab_page.page.keyboard.press("Enter")
        lab_page.until("view.count", 2)
        assert lab_page.run("view.count = 7; print('set')") == "set\n"
        view.get_by_text("7 of 9").wait_for()

    def test_values_come_back_as_they_are(self, lab_page: WidgetPage) -> None:
        assert lab_page.python("b'\\x00' * 2000, {'ü': None}, \"it's\"") == (bytes(2000), {"ü": None}, "it's")
        assert lab_page.python("object") == "<class 'object'>"

    def test_what_fails_says_why(self, lab_page: WidgetPage) -> None:
        with pytest.raises(AssertionError, match="is 1, not 2"):
            lab_page.until("1", 2, seconds=0.1)

    def test_width_is_that_of_the_picture(self, lab_page: WidgetPage) -> None:
        view = show(lab_page)
        for width in (400, 1600, 900):
            lab_page.width(width)
            assert view.evaluate("node => node.getBoundingClientRect().width") == width

    def test_a_faultless_widget_in_both_themes(self, lab_page: WidgetPage, tmp_path: Path) -> None:
        view = show(lab_page)
        seen = set()
        for theme in THEMES:
            lab_page.theme(theme)
            assert lab_page.axe(view) == []
            assert lab_page.overflow(view) == []
            seen.add(lab_page.shot(view, tmp_path / f"{theme}.png").read_bytes())
        assert len(seen) == len(THEMES)

    def test_what_is_ended_does_not_remain(self, lab_page: WidgetPage) -> None:
        view = show(lab_page, "ends")
        started = lab_page.page.evaluate("() => remains()")
        assert [line.split(" at ")[0] for line in sorted(started)] == MADE
        lab_page.remove(view)
        assert lab_page.leftovers() == []


class TestFaultsAreFound:
    def test_too_wide(self, faulty_page: WidgetPage) -> None:
        assert "button. ends 4100 px beyond the picture" in faulty_page.overflow(show(faulty_page, "wide"))

    def test_too_pale(self, faulty_page: WidgetPage) -> None:
        (fault,) = faulty_page.axe(show(faulty_page, "pale"))
        assert fault.startswith("color-contrast: ")

    def test_what_remains(self, faulty_page: WidgetPage) -> None:
        faulty_page.remove(show(faulty_page, "stays"))
        remains = faulty_page.leftovers()
        assert [line.split(" at ")[0] for line in sorted(remains)] == MADE
        faulty_page.page.evaluate("() => window.end()")

    def test_an_error_on_the_console(self, faulty_page: WidgetPage) -> None:
        show(faulty_page, "console")
        assert faulty_page.complaints()[0].startswith("lost")

    def test_an_error_in_the_kernel(self, faulty_page: WidgetPage) -> None:
        show(faulty_page, "kernel").get_by_role("button").click()
        while not faulty_page.complaints():
            faulty_page.page.wait_for_timeout(20)
        assert "ValueError: not today" in faulty_page.complaints()[0]

    def test_a_request_to_another_machine(self, faulty_page: WidgetPage) -> None:
        show(faulty_page, "request")
        assert faulty_page.browser.leaks() == ["http://example.com/x"]

    def test_a_cell_that_raises(self, faulty_page: WidgetPage) -> None:
        with pytest.raises(AssertionError, match="ZeroDivisionError"):
            faulty_page.show("1 / 0")
        with pytest.raises(AssertionError, match="ZeroDivisionError"):
            faulty_page.run("1 / 0")
        with pytest.raises(AssertionError, match="ZeroDivisionError"):
            faulty_page.python("1 / 0")

    def test_a_cell_without_a_picture(self, faulty_page: WidgetPage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tests.browser.widget_page.SHOWS_WITHIN", 500)
        with pytest.raises(AssertionError, match=r"no picture is shown:\n6 \* 7\n.*\n42"):
            faulty_page.show("6 * 7")
