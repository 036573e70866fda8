"""The quiz and predictions in JupyterLab, by mouse and by keyboard."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drill import readable
from tests.browser.widget_page import WidgetPage

pytestmark = pytest.mark.needs("chromium")

EVIL = "<img src=x onerror=alert(1)>"
QUIZ = "from wslearn.course import quiz\nview = quiz('03_frames')\nview"
MANY = 4  # the index of a question with more than one right answer
CHOICES = "view = predict('Which is the first byte?', ('02', '81', '82'))\nview"
NUMBER = "view = predict('How many bytes is `Hello`?', unit='bytes')\nview"
ROWS = "view = predict('How long?', rows=(0, 126, 65536), row='payload', unit='bytes')\nview"
MENUS = "view = predict('Which code?', (1002, 1009), rows=('no mask', 'a gigabyte'), row='frame')\nview"
ANSWERS = "[(row['question'], row['is_right']) for row in progress().answers]"
PREDICTIONS = "[(row['guess'], row['actual'], row['is_right']) for row in progress().predictions]"


@pytest.fixture
def course(lab_page: WidgetPage) -> WidgetPage:
    """A page of somebody who has done nothing yet."""
    lab_page.run("from wslearn.course import predict, progress, quiz")
    if lab_page.python("bool(progress().answers or progress().predictions or progress().exercises)"):
        lab_page.run("progress().reset('erase')")
    return lab_page


def said(view: Locator) -> Locator:
    return view.locator(".wsl-verdict b")


def judged(page: WidgetPage, view: Locator) -> None:
    """Compare what is shown about the present question with what Python says."""
    result = page.python("view.results[view.at]")
    verdict = page.python("view.verdict")
    expect(said(view)).to_have_text(f"{verdict['mark']} {verdict['verdict']}")
    expect(view.locator(".wsl-verdict .wsl-m")).to_have_text(verdict["text"])
    expect(view.locator(".wsl-verdict .wsl-s")).to_have_text(verdict["note"])
    expect(view.locator(".wsl-why:visible")).to_have_count(len(result.get("say", ())))
    for each in result.get("say", ()):
        why = view.locator(".wsl-choice").nth(each["at"]).locator(".wsl-why")
        word = "✓ right: " if each["right"] else "✗ wrong: "
        expect(why).to_have_text(word + each["why"].replace("`", ""))


class TestQuiz:
    def test_by_mouse(self, course: WidgetPage) -> None:
        view = course.show(QUIZ)
        (right,) = course.python("view.questions[0].right")
        wrong = (right + 1) % 4
        expect(view.locator("legend")).to_have_text(course.python("view.questions[0].question"))
        view.locator(".wsl-choice").nth(wrong).click()
        assert course.python("view.turn") == 0
        view.get_by_role("button", name="check").click()
        course.until("view.turn", 1)
        judged(course, view)
        assert said(view).inner_text() == "✗ not yet"
        expect(view.get_by_role("button", name="Question 1: not yet")).to_have_text("1 ✗")
        view.get_by_role("radio").nth(right).check()
        view.get_by_role("button", name="check").click()
        course.until("view.turn", 2)
        judged(course, view)
        assert said(view).inner_text() == "✓ right"
        expect(view.get_by_role("button", name="Question 1: right")).to_have_text("1 ✓")
        first = course.python("view.questions[0].id")
        assert course.python(ANSWERS) == [(first, False), (first, True)]

    def test_several_right_ones_by_mouse(self, course: WidgetPage) -> None:
        view = course.show(QUIZ)
        view.get_by_role("button", name="Question 5").click()
        course.until("view.at", MANY)
        expect(view.locator("legend")).to_contain_text("More than one is right.")
        one, other = course.python("view.questions[view.at].right")
        view.get_by_role("checkbox").nth(one).check()
        view.get_by_role("button", name="check").click()
        course.until("view.turn", 1)
        judged(course, view)
        expect(view.locator(".wsl-verdict")).to_contain_text("1 right answer is missing.")
        view.get_by_role("checkbox").nth(other).check()
        view.get_by_role("button", name="check").click()
        course.until("view.turn", 2)
        judged(course, view)
        assert said(view).inner_text() == "✓ right"

    def test_by_keyboard_alone(self, course: WidgetPage) -> None:
        """From the toolbar to the answers, and from one question to the next."""
        view = course.show(QUIZ)
        keyboard = course.page.keyboard
        view.get_by_role("button", name="Question 5").focus()
        keyboard.press("Tab")
        expect(view.get_by_role("radio").first).to_be_focused()
        keyboard.press("Space")
        keyboard.press("ArrowDown")
        keyboard.press("ArrowDown")
        expect(view.get_by_role("radio").nth(2)).to_be_checked()
        assert course.python("view.turn") == 0, "arrows alone answer nothing"
        keyboard.press("Enter")
        course.until("view.results[0].get('chosen')", [2])
        judged(course, view)
        expect(view.get_by_role("radio").nth(2)).to_be_focused()
        keyboard.press("ArrowUp")
        keyboard.press("Tab")
        keyboard.press("Space")
        course.until("view.results[0]['chosen']", [1])
        keyboard.press("Tab")
        keyboard.press("Enter")
        course.until("view.at", 1)
        expect(view.get_by_role("radio").first).to_be_focused()
        keyboard.press("Space")
        keyboard.press("Enter")
        course.until("view.results[1].get('chosen')", [0])
        judged(course, view)
        view.get_by_role("button", name="Question 5").focus()
        keyboard.press("Enter")
        course.until("view.at", MANY)
        keyboard.press("Tab")
        for at in range(4):
            if at in course.python("view.questions[view.at].right"):
                keyboard.press("Space")
            keyboard.press("Tab")
        keyboard.press("Enter")
        course.until("view.results[4].get('right')", True)
        judged(course, view)

    def test_an_answer_is_read_out(self, course: WidgetPage) -> None:
        view = course.show(QUIZ)
        live = view.get_by_role("status")
        expect(live).to_have_text("")
        view.get_by_role("button", name="check").click()
        expect(live).to_have_text("Choose an answer first.")
        expect(view.locator(".wsl-hint")).to_have_text("✗ Choose an answer first.")
        view.get_by_role("radio").first.check()
        view.get_by_role("button", name="check").click()
        course.until("view.turn", 1)
        why = course.python("view.results[0]['say'][0]['why']")
        expect(live).to_contain_text(why)
        expect(view.locator(".wsl-hint")).to_have_text("")

    def test_what_was_chosen_is_still_so_when_one_comes_back(self, course: WidgetPage) -> None:
        view = course.show(QUIZ)
        view.get_by_role("radio").nth(1).check()
        view.get_by_role("button", name="check").click()
        course.until("view.turn", 1)
        view.get_by_role("button", name="next").click()
        expect(view.get_by_role("radio", checked=True)).to_have_count(0)
        expect(view.locator(".wsl-why:visible")).to_have_count(0)
        view.get_by_role("button", name="Question 1").click()
        expect(view.get_by_role("radio").nth(1)).to_be_checked()
        judged(course, view)

    def test_text_is_text(self, course: WidgetPage) -> None:
        view = course.show(f"""
from wslearn.course.bank import Choice, Question
from wslearn.widgets.quiz_view import QuizView
choices = (Choice({EVIL!r}, {EVIL!r}), Choice("`<b>`", "b", True))
evil = dict.fromkeys(("question", "reason", "section"), {EVIL!r})
view = QuizView({EVIL!r}, [Question(id="a-b", lesson="l", topic="t", difficulty=1, choices=choices, **evil)])
view""")
        view.get_by_role("radio").first.check()
        view.get_by_role("button", name="check").click()
        course.until("view.turn", 1)
        expect(view.locator(".wsl-why").first).to_have_text(f"✗ wrong: {EVIL}")
        expect(view.locator(".wsl-choice code")).to_have_text("<b>")
        assert course.page.locator(".jp-Cell img").count() == 0

    def test_it_can_be_read_and_fits(self, course: WidgetPage) -> None:
        view = course.show(QUIZ)
        for at in (0, MANY):
            course.run(f"view.at = {at}; view.answer(0)")
            readable(course, view)


class TestPredict:
    def test_choices_by_mouse(self, course: WidgetPage) -> None:
        view = course.show(CHOICES)
        expect(said(view)).to_have_text("– no prediction yet")
        view.get_by_role("button", name="02").click()
        view.get_by_role("button", name="82").click()
        course.until("view.guesses", ["82"])
        expect(view.get_by_role("button", pressed=True)).to_have_text("382")
        expect(said(view)).to_have_text("you say 82")
        compared = course.cell("view.compare('82')").locator(".wsl-still")
        expect(said(compared)).to_have_text("✓ as predicted")
        assert course.python(PREDICTIONS) == [("82", "82", True)]

    def test_choices_by_number_keys(self, course: WidgetPage) -> None:
        view = course.show(CHOICES)
        view.get_by_role("button").first.focus()
        for key, guess in (("3", "82"), ("2", "81")):
            course.page.keyboard.press(key)
            course.until("view.guesses", [guess])
            expect(view.get_by_role("button", pressed=True)).to_be_focused()
        course.page.keyboard.press("9")
        course.page.keyboard.press("Tab")
        course.page.keyboard.press("Enter")
        course.until("view.guesses", ["82"])

    def test_a_number_by_keyboard(self, course: WidgetPage) -> None:
        view = course.show(NUMBER)
        view.get_by_role("textbox", name="How many bytes is Hello?").click()
        course.page.keyboard.type("x")
        expect(view.locator(".wsl-hint")).to_have_text("✗ “x” is not a number such as 12, 1,000 or 0x7f.")
        course.page.keyboard.press("Backspace")
        course.page.keyboard.type("11")
        course.until("view.guesses", ["11"])
        expect(said(view)).to_have_text("you say 11 bytes")
        compared = course.cell("view.compare(11, because='Two, `four`, five.')").locator(".wsl-still")
        expect(compared).to_contain_text("You said 11 bytes, and so it is.")
        expect(compared.locator("code")).to_have_text("four")

    def test_a_table_by_keyboard(self, course: WidgetPage) -> None:
        view = course.show(ROWS)
        view.get_by_role("textbox", name="How long? 0").focus()
        for guess in ("2", "4", "8"):
            course.page.keyboard.type(guess)
            course.page.keyboard.press("Tab")
        course.until("view.guesses", ["2", "4", "8"])
        compared = course.cell("view.compare({0: 2, 126: 4, 65536: 10})").locator(".wsl-still")
        marks = compared.locator("tbody tr").evaluate_all(
            "rows => rows.map(row => row.lastChild.textContent)"
        )
        assert marks == ["✓ right", "✓ right", "✗ not so"]

    def test_a_table_of_menus(self, course: WidgetPage) -> None:
        view = course.show(MENUS)
        view.get_by_label("Which code? no mask").select_option("1002")
        view.get_by_label("Which code? a gigabyte").select_option("1002")
        course.until("view.guesses", ["1002", "1002"])
        compared = course.cell("view.compare({'no mask': 1002, 'a gigabyte': 1009})").locator(".wsl-still")
        expect(compared).to_contain_text("1 of 2 right.")

    def test_two_pictures_of_one_prediction_agree(self, course: WidgetPage) -> None:
        first, second = course.show(NUMBER), course.show("view")
        first.get_by_role("textbox").fill("7")
        expect(second.get_by_role("textbox")).to_have_value("7")

    def test_without_an_answer_the_lesson_goes_on(self, course: WidgetPage) -> None:
        course.show(NUMBER)
        compared = course.cell("view.compare(11)").locator(".wsl-still")
        expect(compared).to_contain_text("You made no prediction. It is 11 bytes.")
        assert course.python("progress().predictions") == ()

    def test_text_is_text(self, course: WidgetPage) -> None:
        view = course.show(f"view = predict({EVIL!r}, ({EVIL!r}, '`<b>`'), unit={EVIL!r})\nview")
        view.get_by_role("button").first.click()
        course.until("view.guesses", [EVIL])
        expect(view.locator(".wsl-ask")).to_have_text(EVIL)
        compared = course.cell(f"view.compare({EVIL!r}, because={EVIL!r})").locator(".wsl-still")
        expect(compared.locator(".wsl-because")).to_have_text(EVIL)
        assert course.page.locator(".jp-Cell img").count() == 0

    @pytest.mark.parametrize(
        "code", [CHOICES, NUMBER, ROWS, MENUS], ids=["choices", "number", "rows", "menus"]
    )
    def test_it_can_be_read_and_fits(self, course: WidgetPage, code: str) -> None:
        readable(course, course.show(code))

    def test_comparisons_can_be_read_and_fit(self, course: WidgetPage) -> None:
        course.run(ROWS.removesuffix("view"))
        for guesses in (["", "", ""], ["2", "1000000", ""]):
            course.run(f"view.guesses = {guesses}")
            shown = course.cell("view.compare({0: 2, 126: 4, 65536: 10}, because='`Three` forms.')")
            readable(course, shown.locator(".wsl-still"))
