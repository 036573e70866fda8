"""The game in two pages at once: the server decides, and each page shows where it was wrong."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.app_pages import AppPages, app_pages
from tests.browser.chromium import Browser
from tests.labs.gaming import arena_of
from wslearn.labs.apps.game import game
from wslearn.labs.apps.world import RADIUS, WIDTH, Figure, Move, World, greet, step

WALKED = """async (moves) => {
  const { walked } = await import('./game/game.js')
  let at = { x: 320, y: 200 }
  return moves.map(([x, y]) => { at = walked(at, { x, y }); return [at.x, at.y] })
}"""


def figures(app: AppPages, node: int = 0) -> dict[str, Figure]:
    return app.on_node(lambda: dict(arena_of(app.nodes[node]).world.figures))


def named(app: AppPages, name: str) -> Figure:
    return next(figure for figure in figures(app).values() if figure.name == name)


def enter(app: AppPages, *names: str) -> None:
    for page, name in zip(app.pages, names, strict=True):
        page.fill("#name", name)
        page.press("#name", "Enter")
    wait(app, lambda: set(names) <= {figure.name for figure in figures(app).values()})
    app.connected()


def wait(app: AppPages, ready: Any) -> None:
    for _ in range(300):
        if ready():
            return
        app.pages[0].wait_for_timeout(30)
    raise AssertionError(figures(app))


def put(app: AppPages, **places: tuple[int, int]) -> None:
    """Move figures, and all coins out of their way."""

    def change() -> None:
        arena = next(arena_of(node) for node in app.nodes if arena_of(node).node == arena_of(node).ticking)
        moved = {
            who: Figure(
                each.name, *places.get(each.name, (each.x, each.y)), each.heard, each.score, each.seen
            )
            for who, each in arena.world.figures.items()
        }
        coins = tuple((RADIUS + 60 * n, 380) for n in range(6))
        arena.world = World(arena.world.tick, arena.world.seed, moved, coins, arena.world.laid)

    app.on_node(change)


def hold(page: Page, key: str, milliseconds: int) -> None:
    page.bring_to_front()
    page.focus("#arena")
    page.keyboard.down(key)
    page.wait_for_timeout(milliseconds)
    page.keyboard.up(key)


def test_two_players(browser: Browser) -> None:
    with app_pages(browser, game) as app:
        ada, _ = app.pages
        enter(app, "Ada", "Bob")
        put(app, Ada=(100, 100), Bob=(500, 300))
        hold(ada, "ArrowRight", 400)
        wait(app, lambda: named(app, "Ada").x > 112)
        # With nobody in the way, the page knew every place before the server told it.
        ada.wait_for_function("() => document.getElementById('pending').textContent === '0'")
        assert "ms" in ada.inner_text("#latency")
        box = ada.locator("#arena").bounding_box()
        assert box
        x = named(app, "Ada").x
        ada.mouse.move(box["x"] + 5, box["y"] + box["height"] / 4)
        ada.mouse.down()
        ada.wait_for_timeout(300)
        ada.mouse.up()
        wait(app, lambda: named(app, "Ada").x < x)
        # A coin, which both pages hear of.
        at = named(app, "Ada")
        put(app, Ada=(80, 374))
        ada.wait_for_selector("#said >> text=The server gave you a coin")
        scores = app.agree(lambda page: page.inner_text("#scores").replace(" (you)", ""))
        assert f"Ada\n{at.score + 1}" in scores
        assert "away" not in scores


def test_the_server_refuses_to_be_cheated(browser: Browser) -> None:
    with app_pages(browser, game, pages=1) as app:
        (ada,) = app.pages
        enter(app, "Ada")
        put(app, Ada=(100, 100))
        ada.wait_for_timeout(150)
        ada.focus("#cheat")
        ada.keyboard.press("Enter")
        ada.wait_for_selector("#said.no >> text=and not 40, 0: you stay")
        ada.wait_for_selector("#corrected >> text=the last time by 240")
        assert named(app, "Ada").x == 100


def test_somebody_in_the_way_is_a_correction(browser: Browser) -> None:
    with app_pages(browser, game) as app:
        ada, _ = app.pages
        enter(app, "Ada", "Bob")
        put(app, Ada=(100, 100), Bob=(140, 100))
        ada.wait_for_timeout(150)
        before = ada.inner_text("#corrected")
        hold(ada, "d", 500)
        wait(app, lambda: named(app, "Ada").x == 112)
        assert ada.inner_text("#corrected") != before


def test_figure_and_score_survive_cuts_and_the_loss_of_a_node(browser: Browser) -> None:
    with app_pages(browser, game, nodes=2) as app:
        enter(app, "Ada", "Bob")
        put(app, Ada=(80, 374))
        wait(app, lambda: named(app, "Ada").score == 1)
        app.cut()
        app.connected()
        scores = app.agree(
            lambda page: page.inner_text("#scores").replace(" (you)", ""), lambda s: "away" not in s
        )
        assert "Ada\n1" in scores
        arenas = [arena_of(node) for node in app.nodes]
        first = app.on_node(lambda: [arena.node for arena in arenas].index(arenas[0].ticking))
        app._thread.run(arenas[first].close())  # it falls silent, as one does that is killed
        other = arenas[1 - first].node
        left = app.pages[1 - first]
        left.wait_for_selector(f"#ticks >> text=on node {other}")
        assert "Ada" in left.inner_text("#scores")


def test_looks_and_guesses(browser: Browser) -> None:
    with app_pages(browser, game) as app:
        ada, _ = app.pages
        enter(app, "Ada", "<b>Bob</b>")
        moves = [(1, 0)] * 3 + [(1, 1)] * 5 + [(0, -1)] * 60 + [(-1, -1)] * 4 + [(1, 0)] * 120 + [(0, 0)]
        world = greet(World(), {"a": "a"})
        world = World(figures={"a": Figure("a", 320, 200, 0)})
        places = []
        for number, (x, y) in enumerate(moves, 1):
            world = step(greet(world, {"a": "a"}), {"a": [Move(number, x, y)]})
            places.append([world.figures["a"].x, world.figures["a"].y])
        assert ada.evaluate(WALKED, moves) == places
        assert max(x for x, _ in places) == WIDTH - RADIUS
        ada.wait_for_selector("#scores >> text=<b>Bob</b>")
        assert app.axe(ada) == []
        for width in (400, 1100):
            assert app.overflow(ada, width) == []
