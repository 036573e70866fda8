"""RaceView in JupyterLab: dots come while events arrive, and again at any time of the race."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lesson_page import THEMES
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

START = "from wslearn.widgets import RaceView"
WIDTHS = (400, 900, 1600)


def dots(view: Locator, lane: int) -> int:
    return view.locator(".wsl-lane").nth(lane).locator(".wsl-arrived:not(.wsl-away)").count()


def raced(page: WidgetPage) -> Locator:
    return page.show(f"{START}\nview = RaceView(rate=10, interval=0.4, duration=0.8)\n_ = view.run()\nview")


def test_a_race_by_mouse(lab_page: WidgetPage) -> None:
    view = lab_page.show(f"{START}\nview = RaceView(rate=10, interval=0.3, duration=1)\nview")
    expect(view.get_by_role("button", name="replay")).to_be_disabled()
    view.get_by_role("slider", name="clients on each lane").fill("3")
    view.get_by_role("button", name="▶ race").click()
    expect(view.get_by_role("button", name="racing")).to_be_disabled()
    expect(view.locator(".wsl-verdict b")).to_have_text("✓ the same", timeout=20_000)
    assert lab_page.python("view.clients") == 3
    assert [dots(view, lane) for lane in range(4)] == [10] * 4
    told = lab_page.python("[lane['told'] for lane in view.lanes]")
    assert view.locator(".wsl-told").all_inner_texts() == told
    assert told[3].startswith("30 delivered · 3 requests")


def test_steps_and_time_by_keyboard(lab_page: WidgetPage) -> None:
    view = raced(lab_page)
    clock = view.get_by_role("slider", name="Time")
    clock.focus()
    lab_page.page.keyboard.press("Home")
    assert [dots(view, lane) for lane in range(4)] == [0] * 4
    view.get_by_role("button", name="step ▸").focus()
    lab_page.page.keyboard.press("Enter")
    # The first event has happened, and the poll for it is still to come.
    assert dots(view, 0) == 0
    assert view.locator(".wsl-lane").first.locator(".wsl-away").count() == 1
    presses = 0
    while clock.input_value() != "1000":
        lab_page.page.keyboard.press("Enter")
        presses += 1
    assert 8 <= presses <= 20
    expect(view.locator(".wsl-away")).to_have_count(0)
    lab_page.page.keyboard.press("End")
    view.get_by_role("button", name="Back to the event before").press("Enter")
    assert sum(dots(view, lane) for lane in range(4)) < 32


def test_a_step_is_one_that_can_be_seen_and_begins_anew_behind_the_end(lab_page: WidgetPage) -> None:
    view = lab_page.show(
        f"{START}\nview = RaceView()\nview.span = 1.0\n"
        "view.lanes = [{**lane, 'dots': [[1, 0.2, 0.2 + late], [2, 0.5, 0.5 + late]]}"
        " for lane, late in zip(view.lanes, (0.4, 0.003, 0.002, 0.001))]\nview"
    )
    where, step = view.locator(".wsl-race-time .wsl-mono"), view.get_by_role("button", name="step ▸")
    expect(where).to_have_text("1.00 s")
    for moment, polled, pushed in (("0.20", 0, 1), ("0.50", 0, 2), ("0.60", 1, 2), ("0.90", 2, 2)):
        step.click()
        expect(where).to_have_text(f"{moment} s")
        assert [dots(view, lane) for lane in range(4)] == [polled, pushed, pushed, pushed]
    step.click()
    expect(where).to_have_text("1.00 s")
    step.click()
    expect(where).to_have_text("0.20 s")


def test_what_was_raced_is_told_while_sliders_stand_at_the_next(lab_page: WidgetPage) -> None:
    view = raced(lab_page)
    view.get_by_role("slider", name="events a second").fill("3")
    lab_page.until("view.rate", 3)
    told = "10 events a second, a poll every 0.4 s, 1 client each"
    expect(view.locator(".wsl-verdict .wsl-s")).to_have_text(told)


def test_it_replays_and_pauses(lab_page: WidgetPage) -> None:
    view = raced(lab_page)
    view.get_by_role("button", name="replay").click()
    pause = view.get_by_role("button", name="pause")
    expect(view.locator(".wsl-at").first).to_be_attached()
    pause.click()
    where = view.locator(".wsl-race-time .wsl-mono").inner_text()
    lab_page.page.wait_for_timeout(300)
    assert view.locator(".wsl-race-time .wsl-mono").inner_text() == where
    view.get_by_role("button", name="replay").click()
    expect(view.get_by_role("button", name="replay")).to_be_visible(timeout=10_000)
    expect(view.locator(".wsl-told").first).to_contain_text("delivered")


def test_with_less_motion_it_goes_in_steps(lab_page: WidgetPage) -> None:
    lab_page.page.emulate_media(reduced_motion="reduce")
    try:
        view = raced(lab_page)
        moments = lab_page.python(
            "sorted({f'{t:.2f} s' for lane in view.lanes for d in lane['dots'] for t in d[1:]})"
        )
        view.get_by_role("button", name="replay").click()
        where = view.locator(".wsl-race-time .wsl-mono")
        expect(view.locator(".wsl-at").first).to_be_attached()
        assert where.inner_text() in moments
        view.get_by_role("button", name="pause").click()
    finally:
        lab_page.page.emulate_media(reduced_motion="no-preference")


def test_a_stopped_server_is_named(lab_page: WidgetPage) -> None:
    view = lab_page.show(
        f"{START}\nfrom wslearn.labs.realtime import PushServer\nserver = PushServer()\nserver.stop()\n"
        "view = RaceView(server)\nview"
    )
    view.get_by_role("button", name="▶ race").click()
    expect(view.locator(".wsl-hint")).to_contain_text("This server is stopped")
    expect(view.get_by_role("button", name="▶ race")).to_be_enabled()


def test_all_can_use_it_and_it_fits(lab_page: WidgetPage) -> None:
    view = raced(lab_page)
    for width in WIDTHS:
        lab_page.width(width)
        assert lab_page.overflow(view) == []
    for theme in THEMES:
        lab_page.theme(theme)
        assert lab_page.axe(view) == []


def test_a_cell_deleted_while_it_plays_leaves_nothing(lab_page: WidgetPage) -> None:
    view = raced(lab_page)
    view.get_by_role("button", name="replay").click()
    lab_page.remove(view)
    assert lab_page.leftovers() == []


def test_the_chart_can_be_read_by_all(lab_page: WidgetPage) -> None:
    chart = lab_page.cell(
        "from wslearn.labs.realtime import compare\ncompare(clients=2, rate=20, duration=0.2, interval=0.1)"
    ).locator(".wsl-still")
    assert chart.locator("svg").count() == 6
    for width in WIDTHS:
        lab_page.width(width)
        assert lab_page.overflow(chart) == []
    for theme in THEMES:
        lab_page.theme(theme)
        assert lab_page.axe(chart) == []
