"""StateView in JupyterLab, by mouse and by keyboard: what it shows is what Python says."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

START = "from wslearn import Connection, Step, State, TRANSITIONS\nfrom wslearn.widgets import StateView"
ARROWS = "all => all.flatMap(each => each.dataset.f.split(' ')).sort()"


def step(view: Locator, name: str) -> Locator:
    return view.locator(f".wsl-choices button[data-step={name}]")


def present(view: Locator) -> list[str]:
    """The states that are lit, and what is said of them."""
    return view.locator("svg.wsl-row .wsl-present").all_text_contents()


def test_steps_by_hand(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = StateView()\nview")
    drawn = view.locator("svg.wsl-row .wsl-change").evaluate_all(ARROWS)
    table = "sorted(f'{state.name}:{step.name}' for state in State for step in TRANSITIONS[state])"
    assert drawn == lab_page.python(table)
    assert view.locator("svg.wsl-row .wsl-label").evaluate_all(ARROWS) == drawn
    assert present(view) == ["CONNECTING▸ now"]

    step(view, "OPENED").click()
    lab_page.until("view.state", "OPEN")
    expect(view.locator(".wsl-verdict b")).to_have_text("✓ OPEN")
    assert present(view) == ["OPEN▸ now"]
    for name in lab_page.python("[step.name for step in Step]"):
        allowed = lab_page.python(f"Step.{name} in TRANSITIONS[State.OPEN]")
        expect(step(view, name)).to_have_attribute("aria-disabled", str(not allowed).lower())
    step(view, "CLOSE_SENT").hover()
    lit = view.locator("svg.wsl-row .wsl-change.wsl-lit")
    assert "OPEN:CLOSE_SENT" in lit.evaluate_all(ARROWS)

    step(view, "REFUSED").focus()
    lab_page.page.keyboard.press("Enter")
    expect(view.locator("p.wsl-problem")).to_contain_text(
        "Not possible while OPEN: the opening handshake failed."
    )
    expect(step(view, "REFUSED")).to_be_focused()
    for _ in range(4):  # the last of them, by the Tab key
        lab_page.page.keyboard.press("Tab")
    lab_page.page.keyboard.press("Space")
    lab_page.until("view.state", "CLOSED")
    expect(view.locator(".wsl-history tbody tr")).to_have_count(3)
    expect(view.locator("svg.wsl-row .wsl-taken")).to_have_attribute("data-f", "OPEN:TCP_CLOSED")
    view.get_by_role("button", name="reset").click()
    lab_page.until("view.state", "CONNECTING")
    expect(view.locator(".wsl-history")).to_have_text("No step yet.")


def test_a_live_connection(lab_page: WidgetPage) -> None:
    start = "client, server = Connection('client'), Connection('server')\nview = StateView(client)\nview"
    view = lab_page.show(f"{START}\n{start}")
    assert present(view) == ["OPEN▸ now"]
    expect(step(view, "TCP_CLOSED")).to_have_count(0)
    lab_page.run("client.receive(server.close(4000, '<img src=x onerror=alert(1)>'))")
    expect(view.locator(".wsl-verdict b")).to_have_text("… CLOSING")
    said = lab_page.python("str(client.close_received)")
    expect(view.get_by_role("table", name="This connection").locator(".wsl-v").nth(2)).to_have_text(said)
    assert view.locator("img").count() == 0
    lab_page.run("server.receive(client.bytes_to_send()); server.tcp_closed(); client.tcp_closed()")
    expect(view.locator(".wsl-history tbody tr")).to_have_count(3)
    assert present(view) == ["CLOSED▸ now"]


def test_the_closing_handshake(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = StateView()\nview")
    view.get_by_role("button", name="closing handshake").click()
    lab_page.until("view.mode", "closing")
    expect(view.get_by_role("button", name="both at once")).to_be_visible()
    assert present(view) == ["OPEN▸ client + server"]
    view.get_by_label("reason").fill("<img src=x onerror=alert(1)>")
    lab_page.until("view.reason", "<img src=x onerror=alert(1)>")
    forward = view.get_by_role("button", name="step ▸")
    forward.focus()
    for at in range(1, lab_page.python("len(view.moves)")):
        lab_page.page.keyboard.press("Enter")
        lab_page.until("view.at", at)
        move = lab_page.python(f"view.moves[{at}]")
        now = view.locator("tr.wsl-now")
        expect(now).to_contain_text(move["title"])
        assert move["wire"] in now.inner_text()
        for column, side in enumerate((move["client"], move["server"])):
            cells = view.locator(f"table.wsl-sides tbody td:nth-child({column + 2})").all_inner_texts()
            assert cells == [
                *(side[name] for name in ("state", "sent", "received", "order")),
                str(side["code"] or "–"),
                side["meaning"],
            ]
        assert move["tcp"] in view.locator(".wsl-verdict").inner_text()
    assert view.locator("img").count() == 0
    assert present(view) == ["CLOSED▸ client + server"]

    view.get_by_role("button", name="TCP cut").click()
    lab_page.until("[view.scenario, view.at]", ["cut", 0])
    view.get_by_label("code", exact=True).fill("1006")
    expect(view.locator(".wsl-edit .wsl-problem")).to_contain_text("1006 must not be sent")
    view.get_by_label("reason").fill("")
    view.get_by_label("code", exact=True).fill("1005")
    lab_page.until("view.problem", "")
    view.get_by_role("button", name="▶ play").click()
    expect(view.locator(".wsl-verdict")).to_contain_text("move 3 of 3", timeout=9000)
    expect(view.get_by_role("button", name="▶ play")).to_be_visible()
    assert view.locator("table.wsl-sides").get_by_text("1006", exact=True).count() == 2
