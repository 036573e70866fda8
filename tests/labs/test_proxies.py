"""Each real proxy is found out from the client's end: what `diagnose` names is what is configured."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as File

import psutil
import pytest
from nbformat.v4 import new_code_cell

from tests.net.on_loop import on_loop
from tests.net.raw import Raw, listening
from tests.notebooks.execution import execute
from tests.notebooks.lesson import FOLDER, read
from wslearn import UsageError
from wslearn.labs.http2 import Http2Client
from wslearn.labs.proxies import PATHS, RULES, Life, Paths, Seen, backend, diagnose, look
from wslearn.labs.proxies import paths as paths_module
from wslearn.labs.proxies.backend import same_host
from wslearn.labs.proxies.forward import ForwardProxy
from wslearn.net import Handle, Limits, WebSocket, connect, serve

QUICK = 0.5  # seconds of patience, where nothing has to run out


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
    with backend() as started:
        yield started
        assert started.errors == []


@pytest.fixture(scope="module")
def paths(server: Handle) -> Iterator[Paths]:
    with Paths(server) as started:
        yield started


async def look_at(paths: Paths, name: str, server: Handle) -> Seen:
    return await look(
        paths.url(name, "/account" if name == "renaming" else "/echo"),
        origin=f"http://127.0.0.1:{paths.port(name)}",
        direct=None if name == "renaming" else server.url,
        events="/events",
        ssl_context=paths.trust,
        patience=2.5,
    )


@pytest.fixture(scope="module")
def seen(paths: Paths, server: Handle) -> dict[str, Seen]:
    """What a client sees of each path: all at once, for it takes as long as the timeouts."""

    async def all_of_them() -> dict[str, Seen]:
        found = await asyncio.gather(*(look_at(paths, name, server) for name in paths))
        return dict(zip(paths, found, strict=True))

    return asyncio.run(all_of_them())


class TestPaths:
    @pytest.mark.parametrize("name", PATHS)
    def test_the_diagnosis_names_what_is_configured(self, name: str, seen: dict[str, Seen]) -> None:
        assert diagnose(seen[name]).name == PATHS[name].fault, seen[name]

    @pytest.mark.parametrize(
        ("name", "evidence"),
        [
            ("stripping", r"^400 in place of 101\. .*Upgrade is ''"),
            ("impatient", r"in silence it was over, 1006, after 1\.\d s; with pings it was still open"),
            (
                "short",
                r"in silence it was over, 1006, after 1\.\d s; with pings it was over, 1006, after 1\.\d",
            ),
            ("buffering", r"no answer to the handshake; .* 0% of its pauses"),
            ("renaming", r"^403 in place of 101\. .*The page is from 127.* and this is 127"),
            ("lost", r"^502 in place of 101 \(server: Caddy\)"),
            ("helpful", r"^101; the echo took 0\.\d{3} s; in silence it was still open"),
        ],
    )
    def test_the_evidence(self, name: str, evidence: str, seen: dict[str, Seen]) -> None:
        assert re.search(evidence, diagnose(seen[name]).evidence), diagnose(seen[name])

    def test_a_stream_of_events_is_late_where_it_is_buffered(self, seen: dict[str, Seen]) -> None:
        assert seen["buffering"].streamed == pytest.approx(0, abs=0.1)
        assert all(seen[name].streamed > 0.5 for name in ("helpful", "stripping", "impatient", "tls"))  # type: ignore[operator]

    @on_loop
    async def test_plain_http_is_changed_and_encrypted_is_not(self, paths: Paths, server: Handle) -> None:
        found = await look(
            paths.url("stripping"), secure=paths.url("tls"), ssl_context=paths.trust, patience=QUICK
        )
        assert diagnose(found).name == "somebody on the way reads plain HTTP"

    @on_loop
    async def test_a_page_in_place_of_a_101(self, paths: Paths) -> None:
        found = await look(paths.url("stripping", "/chat"), patience=QUICK)
        assert (found.answer, "chat's page" in found.said) == (200, True)
        assert diagnose(found).name == "the upgrade is dropped"

    @on_loop
    async def test_a_wrong_path_is_not_the_proxy_s_fault(self, paths: Paths, server: Handle) -> None:
        url, direct = paths.url("helpful", "/nowhere"), server.url_of("/nowhere")
        assert diagnose(await look(url, direct=direct, patience=QUICK)).name == "the server itself refuses"
        assert diagnose(await look(url, patience=QUICK)).name == "refused"

    @on_loop
    async def test_a_certificate_that_nobody_trusts(self, paths: Paths) -> None:
        found = await look(paths.url("tls"), patience=QUICK)
        assert diagnose(found).name == "the certificate is not trusted"

    @on_loop
    async def test_pings_under_the_timeout_keep_it_open_and_others_do_not(self, paths: Paths) -> None:
        async def lives(interval: float | None) -> int | None:
            limits = Limits(ping_interval=interval, ping_timeout=None)
            ws = await connect(paths.url("impatient"), limits=limits)
            try:
                async with asyncio.timeout(1.9):
                    await ws.wait_closed()
            except TimeoutError:
                pass
            code = ws.close_code
            ws.abort()
            return code

        codes = await asyncio.gather(lives(0.2), lives(1.5), lives(None))
        assert list(codes) == [None, 1006, 1006]

    @on_loop
    async def test_what_a_proxy_writes_into_the_request(self, paths: Paths) -> None:
        async with connect(paths.url("tls", "/account"), ssl_context=paths.trust) as ws:
            told = dict([str(await ws.recv()).split(": ") for _ in range(5)])
        assert told == {
            "Host": f"127.0.0.1:{paths.port('tls')}",
            "Via": "1.1 Caddy",
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Host": f"127.0.0.1:{paths.port('tls')}",
            "X-Forwarded-Proto": "https",
        }

    @on_loop
    async def test_caddy_turns_http2_into_http_1_1(self, paths: Paths, server: Handle) -> None:
        """An independent server of extended CONNECT: many WebSockets on one TCP connection to it."""
        trust = paths.trust
        assert trust is not None
        async with Http2Client(paths.url("tls"), trust) as client:
            assert client.extended
            sockets = await asyncio.gather(*(client.open() for _ in range(5)))
            assert server.connections >= 5  # on as many TCP connections
            for number, ws in enumerate(sockets):
                await ws.send(f"{number}" * 50_000)
            for number, ws in enumerate(sockets):
                assert await ws.recv() == f"{number}" * 50_000
                await ws.close(4000, "done")
                assert ws.closed.code == 4000


class TestLife:
    def test_it_leaves_nothing(self, server: Handle) -> None:
        before = set(psutil.Process().children(recursive=True))
        paths = Paths(server)
        started = set(psutil.Process().children(recursive=True)) - before
        (caddy,) = [each for each in started if each.name() == "caddy"]
        folder = File(caddy.cwd())
        paths.stop()
        paths.stop()
        assert not caddy.is_running()
        assert not folder.exists()
        assert repr(paths).startswith("<Paths stopped")

    def test_without_caddy(self, server: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
        def nowhere(name: str) -> str:
            raise UsageError(f"{name} is not installed: do this")

        monkeypatch.setattr(paths_module, "executable", nowhere)
        with Paths(server) as paths:
            assert paths.missing == "caddy is not installed: do this"
            assert list(paths) == []
            with pytest.raises(UsageError, match="is not installed: do this"):
                paths.url("helpful")

    def test_no_such_path(self, paths: Paths) -> None:
        with pytest.raises(UsageError, match=r"no path 'golden'\. There is helpful, stripping"):
            paths.url("golden")


class TestOthers:
    """What other ends of a connection look like."""

    @on_loop
    async def test_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        found = await look(f"ws://127.0.0.1:{port}/", events="/events", patience=QUICK)
        assert diagnose(found).name == "nobody listens"

    @pytest.mark.parametrize("said", [b"", b"HTTP/1.1 101 Swi"])
    @on_loop
    async def test_silence(self, said: bytes) -> None:
        async def behave(raw: Raw) -> None:
            raw.send(said)
            await raw.reader.read()

        async with listening(behave) as url:
            assert diagnose(await look(url, patience=0.1)).name == "no answer"

    @on_loop
    async def test_somebody_hangs_up(self) -> None:
        async def behave(raw: Raw) -> None:
            await raw.request()

        async with listening(behave) as url:
            found = await look(url, patience=QUICK)
        assert (found.trouble, diagnose(found).name) == ("hung up", "no answer")

    @on_loop
    async def test_a_server_that_closes(self) -> None:
        async def brief(ws: WebSocket) -> None:
            await ws.send(await ws.recv())
            await ws.close(4000, "idle")

        with serve(brief) as server:
            assert diagnose(await look(server.url, patience=QUICK)).name == "the server closes"

    @on_loop
    async def test_a_server_that_does_not_answer(self) -> None:
        async def deaf(ws: WebSocket) -> None:
            await ws.wait_closed()

        with serve(deaf) as server:
            assert diagnose(await look(server.url, patience=0.2)).name == "no echo"

    @pytest.mark.parametrize(
        ("ports", "user", "name"),
        [
            (None, "", "nothing"),
            (None, "ada:secret", "the forward proxy asks who you are"),
            ([443], "", "the forward proxy refuses the tunnel"),
        ],
    )
    @on_loop
    async def test_a_forward_proxy(
        self, ports: list[int] | None, user: str, name: str, server: Handle
    ) -> None:
        with ForwardProxy(ports=ports, user=user) as proxy:
            found = await look(server.url, proxy=proxy.url, events="/events", patience=QUICK)
        assert diagnose(found).name == name
        assert found.streamed is None


OPEN = Seen(answer=101, echo=0.001, silent=Life(2.0), pinging=Life(2.0), streamed=1.0)
CUT = Life(1.0, 1006)

#: For each rule something that it, and no rule above it, holds for.
SIGNS: dict[str, Seen] = {
    "nobody listens": Seen(trouble="refused", said="…"),
    "the certificate is not trusted": Seen(trouble="certificate", said="…"),
    "the forward proxy asks who you are": Seen(trouble="tunnel", answer=407, said="…"),
    "the forward proxy refuses the tunnel": Seen(trouble="tunnel", answer=403, said="…"),
    "the answer is held back": Seen(trouble="silence", streamed=0.0),
    "no answer": Seen(trouble="silence", streamed=1.0, said="…"),
    "the server itself refuses": Seen(answer=400, direct=400),
    "no server behind the proxy": Seen(answer=502, direct=101),
    "the origin is refused": Seen(answer=403, without_origin=101),
    "somebody on the way reads plain HTTP": Seen(answer=400, secure=101),
    "the proxy speaks HTTP/1.0 to the server": Seen(answer=400, secure=400, said="HTTP/1.0: an upgrade …"),
    "Upgrade is passed on, Connection is not": Seen(answer=400, said="Connection is 'close'; …"),
    "the upgrade is dropped": Seen(answer=404, direct=101),
    "refused": Seen(answer=401, direct=101),
    "no echo": Seen(answer=101),
    "limited life": replace(OPEN, silent=CUT, pinging=CUT),
    "idle timeout": replace(OPEN, silent=CUT),
    "the server closes": replace(OPEN, silent=Life(1.0, 4000), pinging=CUT),
    "responses are buffered": replace(OPEN, streamed=0.0),
    "nothing": OPEN,
}


class TestRules:
    def test_each_has_a_sign(self) -> None:
        assert [rule.name for rule in RULES] == list(SIGNS)

    @pytest.mark.parametrize("name", SIGNS)
    def test_holds(self, name: str) -> None:
        diagnosis = diagnose(SIGNS[name])
        assert diagnosis.name == name
        assert diagnosis.evidence
        assert diagnosis.mend.endswith((".", "?"))
        assert str(diagnosis).startswith(f"{name}\n  seen: ")

    def test_nothing_was_looked_at(self) -> None:
        assert diagnose(Seen()).name == "unknown"

    def test_what_a_stranger_says_is_text(self) -> None:
        html = diagnose(Seen(answer=400, said="<script>"))._repr_html_()
        assert "&lt;script&gt;" in html
        assert "<script>" not in html


class TestSameHost:
    """§10.2"""

    def test_a_page_of_another_host(self, server: Handle) -> None:
        from wslearn import HandshakeError, client_request

        with pytest.raises(HandshakeError) as caught:
            same_host(client_request(server.url, origin="http://evil.example"))
        assert caught.value.status == 403

    def test_a_program(self, server: Handle) -> None:
        from wslearn import client_request

        assert same_host(client_request(server.url)).status == 101


def test_the_lesson_runs_where_the_extra_is_missing(tmp_path: File) -> None:
    """It says what to install, and goes on."""
    hide = (
        "import sys\nimport wslearn.labs.proxies.paths as paths, wslearn.labs.proxies.sites as sites\n"
        "from wslearn.errors import UsageError\n"
        "def executable(name): raise UsageError(f'{name} is not installed: do this')\n"
        "paths.executable, sites.find_program, sys.modules['h2'] = executable, lambda name: None, None"
    )
    notebook = read(FOLDER / "12_proxies.ipynb")
    notebook.cells.insert(0, new_code_cell(hide))
    execute(notebook, tmp_path)
    said = [str(cell.get("outputs", "")) for cell in notebook.cells]
    assert sum("caddy is not installed: do this" in each for each in said) >= 1
    assert sum("h2 is not installed" in each for each in said) == 1
    assert sum("nginx is not installed here" in each for each in said) == 1
    assert "through the tunnel: Hello" in "".join(said)  # what needs none of them is there
