"""The command line: what it prints, where it prints it, and its exit codes."""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import trustme
from click.testing import CliRunner, Result

from tests.jupyter_home import jupyter_home
from wslearn import cli, doctor, lessons
from wslearn.net import Handle, WebSocket, serve

ROOT = Path(__file__).resolve().parent.parent
WSLEARN = [sys.executable, "-m", "wslearn"]


def run(*arguments: str, typed: str | bytes = "") -> Result:
    result = CliRunner().invoke(cli.main, arguments, input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
    with serve() as handle:
        yield handle


class TestMain:
    def test_help_names_the_commands(self) -> None:
        for arguments in (["--help"], ["-h"]):
            text = run(*arguments).output
            assert re.findall(r"^  (\w+) ", text, re.MULTILINE) == [
                "connect",
                "doctor",
                "explain",
                "lab",
                "serve",
            ]

    def test_version_is_the_installed_one(self) -> None:
        assert run("--version").output.endswith("version 0.1.0\n")

    def test_runs_as_a_module(self) -> None:
        done = subprocess.run([*WSLEARN, "explain", "8100"], cwd=ROOT, capture_output=True, check=True)
        assert "FIN" in done.stdout.decode()

    def test_help_loads_neither_tornado_nor_jupyter(self) -> None:
        code = "import sys, wslearn.cli; print({'tornado', 'jupyterlab'} & set(sys.modules))"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout == "set()\n"

    def test_a_terminal_without_arrows_is_no_reason_to_fail(self) -> None:
        environment = os.environ | {"PYTHONIOENCODING": "ascii"}
        done = subprocess.run(
            [*WSLEARN, "explain", "8100"], cwd=ROOT, capture_output=True, env=environment, check=True
        )
        assert b"FIN" in done.stdout


class TestExplain:
    HELLO = "81 05 48 65 6c 6c 6f"

    def test_names_every_field(self) -> None:
        result = run("explain", *self.HELLO.split())
        assert result.exit_code == 0
        assert "“Hello”" in result.output
        assert "payload length" in result.output

    @pytest.mark.parametrize("text", ["0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f", "81:05:48:65\n6c6c6f\n"])
    def test_reads_hexadecimal_from_the_input(self, text: str) -> None:
        assert run("explain", "-", typed=text).output == run("explain", self.HELLO).output

    def test_reads_the_bytes_of_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "hello"
        file.write_bytes(bytes.fromhex(self.HELLO))
        expected = run("explain", self.HELLO).output
        assert run("explain", "--file", str(file)).output == expected
        assert run("explain", "--file", "-", typed=file.read_bytes()).output == expected

    def test_the_role_decides_what_is_legal(self) -> None:
        assert "✗" not in run("explain", self.HELLO, "--role", "server").output
        assert "✗" in run("explain", self.HELLO, "--role", "client").output

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["8g"], "'g' is not a hexadecimal digit."),
            (["810"], "3 hexadecimal digits: a byte has two, so the last one is half."),
            ([], "Give the bytes in one way: in hexadecimal, as - for the input, or by --file."),
            (["81", "--file", "-"], "Give the bytes in one way"),
            (["81", "--role", "peer"], "'peer' is not one of 'client', 'server'"),
            (["--file", "nowhere"], "nowhere"),
        ],
    )
    def test_says_what_is_wrong(self, arguments: list[str], message: str) -> None:
        result = run("explain", *arguments)
        assert result.exit_code == 2
        assert message in result.output


class TestServe:
    @staticmethod
    def urls(process: subprocess.Popen[str]) -> list[str]:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        assert lines[-1] == "Ctrl-C stops it.\n"
        return [line.split()[0] for line in lines[:3]]

    @pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
    def test_serves_until_it_is_stopped(self, stop: signal.Signals) -> None:
        with subprocess.Popen([*WSLEARN, "serve"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            ours, tornado, page = self.urls(process)
            assert ours.endswith("/echo")
            assert tornado.endswith("/tornado")
            with urlopen(page) as answer:
                assert b"<html" in answer.read()
            for url in (ours, tornado):
                done = subprocess.run(
                    [*WSLEARN, "connect", url],
                    cwd=ROOT,
                    input="Hello\n",
                    capture_output=True,
                    text=True,
                    check=True,
                )
                assert done.stdout == "← Hello\n"
            process.send_signal(stop)
            rest, _ = process.communicate(timeout=20)
        assert rest == "Stopped: every connection was closed with 1001.\n"
        assert process.returncode == 0

    @pytest.mark.parametrize(("flags", "agreed"), [([], True), (["--no-deflate"], False)])
    def test_agrees_to_deflate_or_not(
        self, flags: list[str], agreed: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        noted: list[str] = []

        def meet(handle: Handle) -> None:
            noted.append(connected(handle.url, "--deflate").stderr)

        monkeypatch.setattr(Handle, "wait", meet)
        monkeypatch.setattr(signal, "signal", lambda *arguments: None)
        assert run("serve", *flags).exit_code == 0
        assert ("permessage-deflate" in noted[0]) is agreed

    @staticmethod
    def refused(*arguments: str) -> str:
        done = subprocess.run(
            [*WSLEARN, "serve", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
        )
        assert (done.returncode, done.stdout) == (2, "")
        return done.stderr

    def test_a_port_that_is_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            message = self.refused("--port", str(port))
        assert f"Error: Cannot listen on 127.0.0.1:{port}: Address already in use. Take another" in message
        assert "Traceback" not in message

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--app", "chess"], "There is no app 'chess'."),
            (["--port", "65536"], "65536 is not in the range"),
            (["--host", "192.0.2.1"], "Cannot listen on 192.0.2.1:0"),
        ],
    )
    def test_what_cannot_be_served(self, arguments: list[str], message: str) -> None:
        assert message in self.refused(*arguments)


def connected(url: str, *options: str, typed: str = "Hello\n") -> Result:
    return run("connect", url, "--wait", "0.2", *options, typed=typed)


class TestConnect:
    def test_messages_alone_go_to_the_output(self, server: Handle) -> None:
        result = connected(server.url, typed="Hello\n/binary ff\n")
        assert result.exit_code == 0
        assert result.stdout == "← Hello\n← binary, 1 byte: ff\n"
        assert result.stderr.splitlines() == [
            f"connected to {server.url}",
            "closed: received 1000 NORMAL_CLOSURE, sent 1000 NORMAL_CLOSURE; this side began",
        ]

    def test_explains_the_wire(self, server: Handle) -> None:
        result = connected(server.url, "--explain")
        assert result.stdout.startswith("→ request, ")
        assert ", 7 bytes: 81 05 48 65 6c 6c 6f\n" in result.stdout

    def test_through_a_pipe_that_stays_open_the_servers_end_is_the_end(self) -> None:
        async def bye(ws: WebSocket) -> None:
            await ws.recv()
            await ws.close(1001, "bye")

        pipe = subprocess.PIPE
        with serve(bye) as server:
            command = [*WSLEARN, "connect", server.url]
            with subprocess.Popen(
                command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
            ) as process:
                assert process.stdin is not None
                process.stdin.write("Hello\n")
                process.stdin.flush()
                assert process.wait(timeout=20) == 0
                assert process.stderr is not None
                assert "closed: received 1001 GOING_AWAY “bye”" in process.stderr.read()

    def test_ctrl_c_closes_without_a_traceback(self, server: Handle) -> None:
        pipe = subprocess.PIPE
        command = [*WSLEARN, "connect", server.url]
        with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("connected")
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 130
            assert process.stderr.read().startswith("closed: received 1000 NORMAL_CLOSURE, sent 1000")

    def test_in_a_terminal_the_commands_are_shown_and_ctrl_d_closes(self, server: Handle) -> None:
        import pty

        ours, theirs = pty.openpty()
        command = [*WSLEARN, "connect", server.url]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            os.write(ours, b"Hello\n\x04")
            said, noted = process.communicate(timeout=20)
        os.close(ours)
        os.close(theirs)
        assert process.returncode == 0
        assert said.decode() == "← Hello\n"
        assert "/close [CODE] [REASON]" in noted.decode()

    @pytest.mark.parametrize(
        ("code", "exit_code"), [(1000, 0), (1001, 0), (1005, 0), (4000, 0), (1008, 1), (1011, 1), (1013, 1)]
    )
    def test_the_exit_code_says_whether_the_server_closed_for_an_error(
        self, code: int, exit_code: int
    ) -> None:
        async def close(ws: WebSocket) -> None:
            await ws.close(code)

        with serve(close) as server:
            assert connected(server.url).exit_code == exit_code

    def test_a_code_that_this_side_chose_is_no_error(self, server: Handle) -> None:
        assert connected(server.url, typed="/close 1011 so I say\n").exit_code == 0

    def test_a_cut_is_an_error(self) -> None:
        async def cut(ws: WebSocket) -> None:
            ws.abort()

        with serve(cut) as server:
            result = connected(server.url)
        assert result.exit_code == 1
        assert "received no close frame" in result.stderr

    def test_subprotocols_headers_and_origin_are_sent(self) -> None:
        async def mirror(ws: WebSocket) -> None:
            for name in ("Origin", "X-Room", "Sec-WebSocket-Protocol"):
                await ws.send(ws.request.headers.get(name))

        with serve(mirror, subprotocols=["b"]) as server:
            options = [
                "--origin",
                "http://localhost",
                "--header",
                "X-Room: 7",
                "--subprotocol",
                "a",
                "--subprotocol",
                "b",
            ]
            result = connected(server.url, *options)
        assert result.stdout == "← http://localhost\n← 7\n← a, b\n"
        assert "subprotocol b" in result.stderr

    def test_a_refusal_is_told_as_the_server_told_it(self, server: Handle) -> None:
        result = connected(server.url, "--origin", "https://evil.example")
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: The server refused the upgrade with 403 Forbidden.")

    def test_no_server(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            url = f"ws://127.0.0.1:{free.getsockname()[1]}/"
        result = connected(url)
        assert result.exit_code == 1
        assert result.stderr == f"Error: Cannot reach {url}: Connection refused. Does a server run there?\n"

    def test_no_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def silence(*arguments: Any, **options: Any) -> None:
            raise TimeoutError

        monkeypatch.setattr("wslearn.console.talk", silence)
        result = connected("ws://127.0.0.1:9/")
        assert (result.exit_code, result.stderr) == (1, "Error: ws://127.0.0.1:9/ did not answer in time.\n")

    def test_an_interrupt_in_this_very_process(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def interrupted(*arguments: Any, **options: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("wslearn.console.talk", interrupted)
        assert connected("ws://127.0.0.1:9/").exit_code == 130

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["http://127.0.0.1/"], "is not a WebSocket URL"),
            (
                ["ws://127.0.0.1/", "--header", "no colon"],
                "'no colon' has no colon. Write it as 'Name: value'.",
            ),
            (["ws://127.0.0.1/", "--subprotocol", "a b"], "Subprotocols are tokens"),
            (["ws://127.0.0.1/", "--wait", "-1"], "is not in the range"),
            ([], "Missing argument 'URL'"),
        ],
    )
    def test_what_cannot_be_asked(self, arguments: list[str], message: str) -> None:
        result = run("connect", *arguments)
        assert result.exit_code == 2
        assert message in result.output

    @pytest.fixture
    def tls(self) -> Iterator[Handle]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        with serve(ssl_context=context) as handle:
            yield handle

    def test_a_certificate_of_nobody_we_know(self, tls: Handle) -> None:
        result = connected(tls.url)
        assert result.exit_code == 1
        assert "unable to get local issuer certificate. With --insecure any will do." in result.stderr
        assert connected(tls.url, "--insecure", "--explain").stdout.endswith("(§7.4)\n")


class TestLab:
    @pytest.fixture
    def started(self, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
        """How JupyterLab would have been started."""
        calls: list[list[str]] = []
        monkeypatch.setattr("jupyterlab.labapp.main", calls.append)
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        return calls

    @pytest.fixture
    def course(self, tmp_path: Path) -> Path:
        folder = tmp_path / "course"
        folder.mkdir()
        (folder / lessons.START).write_text("{}")
        return folder

    def test_a_checkout_is_worked_in(
        self, course: Path, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lessons, "find_lessons", lambda: lessons.Source(course, in_place=True))
        result = run("lab")
        assert (result.exit_code, result.output) == (0, "")
        assert started == [
            [f"--ServerApp.root_dir={course}", "--LabApp.default_url=/lab/tree/00_start_here.ipynb"]
        ]
        assert [path.name for path in course.iterdir()] == [lessons.START]

    def test_from_a_wheel_they_are_copied_first(
        self, course: Path, started: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lessons, "find_lessons", lambda: lessons.Source(course, in_place=False))
        monkeypatch.chdir(tmp_path)
        copy = tmp_path / "wslearn-notebooks"
        assert run("lab").output == f"Lessons in {copy}: 1 new.\n"
        assert (copy / lessons.START).is_file()
        assert started[0][0] == f"--ServerApp.root_dir={copy}"

    @pytest.mark.parametrize("in_place", [True, False])
    def test_a_folder_that_is_named_gets_a_copy(
        self,
        in_place: bool,
        course: Path,
        started: list[list[str]],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(lessons, "find_lessons", lambda: lessons.Source(course, in_place))
        assert (
            run("lab", "--folder", str(tmp_path / "mine")).output
            == f"Lessons in {tmp_path / 'mine'}: 1 new.\n"
        )
        assert started[0][0] == f"--ServerApp.root_dir={tmp_path / 'mine'}"

    def test_arguments_go_on_to_jupyterlab(
        self, course: Path, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lessons, "find_lessons", lambda: lessons.Source(course, in_place=True))
        run("lab", "--", "--no-browser", "--port", "9999")
        assert started[0][2:] == ["--no-browser", "--port", "9999"]

    def test_root_is_let_in_and_told(
        self, course: Path, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lessons, "find_lessons", lambda: lessons.Source(course, in_place=True))
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        assert run("lab").output == "You are root: JupyterLab is started with --allow-root.\n"
        assert started[0][2:] == ["--allow-root"]

    def test_no_jupyterlab(self, started: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cli, "find_spec", lambda name: None)
        result = run("lab")
        assert result.exit_code == 1
        assert (
            result.output
            == 'Error: JupyterLab is missing. Install it:  python -m pip install "wslearn[lab]"\n'
        )
        assert started == []

    def test_the_real_jupyterlab_from_a_wheel_without_a_terminal(self, tmp_path: Path) -> None:
        """The package with its lessons inside, as a wheel leaves it, in an empty folder."""
        site = tmp_path / "site" / "wslearn"
        shutil.copytree(ROOT / "wslearn", site, ignore=shutil.ignore_patterns("__pycache__"))
        (site / "_notebooks").mkdir()
        (site / "_notebooks" / lessons.START).write_text(
            '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
        )
        work = tmp_path / "work"
        work.mkdir()
        environment = os.environ | jupyter_home(tmp_path / "jupyter") | {"PYTHONPATH": str(site.parent)}
        command = [*WSLEARN, "lab", "--", "--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"]
        log = tmp_path / "log"
        with (
            log.open("wb") as said,
            subprocess.Popen(
                command, cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            ) as process,
        ):
            try:
                url = None
                deadline = time.monotonic() + 60
                while url is None and process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.2)
                    url = re.search(
                        r"http://127\.0\.0\.1:\d+/lab/tree/00_start_here\.ipynb\?token=\w+", log.read_text()
                    )
                assert url is not None, log.read_text()
                with urlopen(url[0]) as page:
                    assert b"jupyter-config-data" in page.read()
            finally:
                process.terminate()
                process.wait(20)
        assert f"Lessons in {work / 'wslearn-notebooks'}: 1 new.\n" in log.read_text()


class TestDoctor:
    @pytest.mark.parametrize(("ok", "exit_code"), [(True, 0), (False, 1)])
    def test_says_what_it_found(self, ok: bool, exit_code: int, monkeypatch: pytest.MonkeyPatch) -> None:
        checks = doctor.Checks([doctor.Check("Python", ok, "3.0", "" if ok else "Take a newer one.")])
        monkeypatch.setattr(doctor, "examine", {Path("mine"): checks}.get)
        result = run("doctor", "--folder", "mine")
        assert (result.exit_code, result.output) == (exit_code, f"{checks}\n")
