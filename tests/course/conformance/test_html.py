"""The score as text and as a picture: what it shows, that it is text, and that it is the same each time."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest

from tests.course.conformance.test_broken import broken
from tests.markup import Picture
from tests.net.raw import Raw
from wslearn.course.conformance.score import Result, Score, score
from wslearn.net import Handle, serve

EVIL = "<img src=x onerror=alert(1)>\"&'"
ROW = ("echo", "Hello", "§5.6", "1.1.1", "text, 5 bytes; close 1000")


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
    with serve() as handle:
        yield handle


@pytest.fixture(scope="module")
def tornado(server: Handle) -> Score:
    return score(server.url_of("/tornado"))


def result(number: int, verdict: str, seen: str = "text, 5 bytes; close 1000", group: str = "echo") -> Result:
    return Result(number, group, *ROW[1:], seen, verdict)  # type: ignore[arg-type]


class TestText:
    def test_the_summary_and_the_table(self) -> None:
        run = Score([result(1, "pass"), result(2, "fail", "TCP closed"), result(3, "informational")])
        first, _, head, echo, _, fault = str(run).splitlines()
        assert first == "50 %: 1 of 3 cases pass; 1 fail, 1 informational"
        assert head.split() == ["pass", "non-strict", "fail", "informational"]
        assert echo.split() == ["echo", "1", "·", "1", "1"]
        assert " ".join(fault.split()) == (
            "✗ fail 2 echo: Hello (§5.6, Autobahn 1.1.1); expected text, 5 bytes; close 1000; seen TCP closed"
        )

    def test_repr_is_the_text(self, tornado: Score) -> None:
        assert repr(tornado) == str(tornado)

    def test_failures_come_first_and_only_so_many(self) -> None:
        many = [result(1, "non-strict"), *(result(number, "fail") for number in range(2, 30))]
        lines = str(Score(many)).splitlines()
        assert sum(line.startswith("✗") for line in lines) == 20
        assert lines[-1] == "… and 9 more"

    @pytest.mark.parametrize(
        ("verdicts", "percent"),
        [
            (["pass"] * 199 + ["fail"], 99),  # 99.5 is not 100
            (["pass", "informational"], 100),
            (["non-strict"], 0),
            (["informational"], 0),
            ([], 0),
        ],
    )
    def test_percent(self, verdicts: list[str], percent: int) -> None:
        assert Score(result(number, verdict) for number, verdict in enumerate(verdicts)).percent == percent

    def test_a_sequence(self) -> None:
        run = Score([result(1, "pass"), result(2, "fail")])
        assert run[-1] == run.failed[0]
        assert run[:1] == run.passed == (run[0],)
        assert [each.number for each in run] == [1, 2]

    def test_errors_of_the_server_once_and_in_order(self) -> None:
        assert Score([], ["b", "a", "b"]).errors == ("a", "b")


class TestPicture:
    def test_is_well_formed_and_has_no_script(self, tornado: Score) -> None:
        html = tornado._repr_html_()
        parsed = Picture(html)
        assert not {"script", "link", "iframe", "object", "form"} & set(parsed.tags)
        assert not [
            name for name, _ in parsed.attributes if name.startswith("on") or name in {"id", "href", "src"}
        ]
        assert "url(" not in html
        assert "@import" not in html
        assert html.count("<style>") == 2

    def test_the_bar_is_named_for_who_does_not_see_it(self, tornado: Score) -> None:
        said = ("aria-label", "128 pass, 9 non-strict, 14 fail, 2 informational")
        assert said in Picture(tornado._repr_html_()).attributes

    def test_every_verdict_has_its_mark_and_its_word(self, tornado: Score) -> None:
        text = Picture(tornado._repr_html_()).text
        for mark in ("✓ pass", "~ non-strict", "✗ fail", "– informational"):
            assert mark in text
        assert "✗ does not conform yet 128 of 153 cases pass; 9 non-strict" in text

    def test_the_rows(self) -> None:
        text = Picture(Score([result(7, "fail", "TCP closed")])._repr_html_()).text
        assert "7 1.1.1 Hello text, 5 bytes; close 1000 TCP closed ✗ fail" in text

    def test_only_what_fails_opens_to_its_bytes(self, tornado: Score) -> None:
        html = tornado._repr_html_()
        opened = {int(number) for number in re.findall(r"<summary>the bytes of case (\d+)</summary>", html)}
        assert opened == {each.number for each in (*tornado.failed, *tornado.of("non-strict"))}

    def test_groups_without_a_fault_are_folded(self, tornado: Score) -> None:
        heads = re.findall(r'<details class="wsl-group"( open)?><summary><b>(.*?)</b>', tornado._repr_html_())
        assert {group for is_open, group in heads if is_open} == {
            "opening handshake",
            "masks and lengths",
            "UTF-8",
            "closing",
        }
        assert len(heads) == len(tornado.groups)

    def test_a_failure_shows_the_bytes_of_both_sides(self, tornado: Score) -> None:
        (failed,) = (each for each in tornado if each.name == "close code 1006")
        text = Picture(failed._repr_html_()).text
        assert "client → server, 8 bytes" in text
        assert "server → client, 4 bytes" in text
        assert text.count("Close code 1006 must not be sent.") == 4
        assert text.endswith("✗ fail Expected close 1002; seen close 1006. §7.4")

    def test_a_refused_handshake_shows_both_heads_and_the_body(self, server: Handle) -> None:
        run = score(server, only="opening handshake")
        (refused,) = (each for each in run if each.name == "no Host")
        text = Picture(refused._repr_html_()).text
        assert "✗ Host" not in text
        assert "Sec-WebSocket-Key dGhlIHNhbXBsZSBub25jZQ==" in text
        assert "one Host header; this one has 0. (HTTP 400, §4.2.1)" in text

    def test_a_verdict_for_each_kind_of_run(self) -> None:
        assert "✓ conforms" in Score([result(1, "pass"), result(2, "informational")])._repr_html_()
        assert "~ conforms, not strictly" in Score([result(1, "pass"), result(2, "non-strict")])._repr_html_()

    def test_a_server_that_fails_everywhere_makes_no_endless_picture(self) -> None:
        many = Score(result(number, "fail") for number in range(100))
        assert many._repr_html_().count("the bytes of case") == 40


class TestWhatIsShownIsText:
    def test_what_a_server_says_is_never_markup(self) -> None:
        async def refuse(raw: Raw) -> None:
            await raw.reader.readuntil(b"\r\n\r\n")
            head = f"HTTP/1.1 403 {EVIL}\r\nX: {EVIL}\r\nContent-Length: {len(EVIL)}\r\n\r\n{EVIL}"
            raw.send(head.encode())
            await raw.reader.read()

        with broken(refuse) as url:
            run = score(url, only="echo")
        parsed = Picture(run._repr_html_())
        assert "img" not in parsed.tags
        assert EVIL in parsed.text

    def test_nor_what_a_result_or_an_error_holds(self) -> None:
        evil = Result(1, EVIL, EVIL, EVIL, EVIL, EVIL, EVIL, "fail")
        for html in (Score([evil], [EVIL])._repr_html_(), evil._repr_html_()):
            assert "img" not in Picture(html).tags
            assert EVIL in Picture(html).text


class TestTheSameEachTime:
    def test_our_server_on_another_port(self, server: Handle) -> None:
        first = score(server, only=["opening handshake", "closing"])
        with serve() as other:
            second = score(other, only=["opening handshake", "closing"])
        assert repr(first) == repr(second)
        assert first._repr_html_() == second._repr_html_()
        assert [each._repr_html_() for each in first] == [each._repr_html_() for each in second]

    def test_tornado_twice(self, server: Handle, tornado: Score) -> None:
        assert score(server.url_of("/tornado"))._repr_html_() == tornado._repr_html_()

    def test_a_date_is_left_out(self) -> None:
        days = itertools.count(1)

        async def refuse(raw: Raw) -> None:
            await raw.reader.readuntil(b"\r\n\r\n")
            raw.send(b"HTTP/1.1 404 Not Found\r\nDate: day %d\r\nServer: old\r\n\r\n" % next(days))

        with broken(refuse) as url:
            first, second = (score(url, only=1) for _ in range(2))
        assert first[0].answer != second[0].answer
        assert first._repr_html_() == second._repr_html_()
        assert "old" in first._repr_html_()
