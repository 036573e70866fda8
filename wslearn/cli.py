"""The command line: ``wslearn lab``, ``serve``, ``connect``, ``explain`` and ``doctor``."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import ssl
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from wslearn.errors import HandshakeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslearn.errors import ConnectionClosed

__all__ = ["main"]


class _Commands(click.Group):
    """Says in one line what went wrong: whoever types a command has no use for a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):  # not every terminal can show every character
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except UsageError as error:
            raise click.UsageError(str(error)) from error
        except HandshakeError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wslearn")
def main() -> None:
    """WebSockets, byte by byte."""


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--folder", type=click.Path(path_type=Path), help="Copy the lessons there, and work there.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- JUPYTERLAB'S ARGUMENTS]")
def lab(folder: Path | None, arguments: tuple[str, ...]) -> None:
    """Open the course in JupyterLab.

    Without a checkout the lessons are copied first, into ./wslearn-notebooks unless --folder names another
    place. A file that you changed is never overwritten.
    """
    from wslearn.lessons import START, copy_lessons, find_lessons, home

    if find_spec("jupyterlab") is None:
        raise click.ClickException('JupyterLab is missing. Install it:  python -m pip install "wslearn[lab]"')
    source = find_lessons()
    place = home(source, folder)
    if place.resolve() != source.folder.resolve():
        click.echo(copy_lessons(source.folder, place))
    # The file as default URL, not as an argument: then the URL that is printed leads to it, too.
    options = [f"--ServerApp.root_dir={place}", f"--LabApp.default_url=/lab/tree/{START}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        click.echo("You are root: JupyterLab is started with --allow-root.")
        options.append("--allow-root")
    from jupyterlab.labapp import main as jupyterlab  # type: ignore[import-untyped]

    jupyterlab([*options, *arguments])


@main.command()
@click.option("--app", default="echo", show_default=True, help="What to serve.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="The port; a free one unless given.")
@click.option("--no-deflate", is_flag=True, help="Do not agree to permessage-deflate.")
def serve(app: str, host: str, port: int, no_deflate: bool) -> None:
    """Serve WebSockets until Ctrl-C."""
    from wslearn.net.thread import serve as start

    options: dict[str, Any] = {"deflate": None} if no_deflate else {}
    # A supervisor stops a server with SIGTERM; it, too, is to close its connections.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with start(app, host, port, **options) as server:
        urls = {
            server.url: f"{app}, on wslearn",
            server.url_of("/tornado"): "echo, on Tornado's own WebSocket",
            server.page: "a page that talks to /echo",
        }
        for url, what in urls.items():
            click.echo(f"{url.ljust(max(map(len, urls)))}  {what}")
        click.echo("Ctrl-C stops it.")
        server.wait()
    click.echo("Stopped: every connection was closed with 1001.")


def _header(context: click.Context, option: click.Parameter, values: Sequence[str]) -> list[tuple[str, str]]:
    pairs = [value.partition(":") for value in values]
    if wrong := next((name for name, colon, _ in pairs if not colon), None):
        raise click.BadParameter(f"{wrong!r} has no colon. Write it as 'Name: value'.", context, option)
    return [(name.strip(), value.strip()) for name, _, value in pairs]


@main.command()
@click.argument("url")
@click.option("--explain", "explained", is_flag=True, help="Explain every frame of both directions.")
@click.option("--origin", help="The page that a browser would name.")
@click.option("--subprotocol", "subprotocols", multiple=True, metavar="NAME", help="Offer it; repeatable.")
@click.option("--deflate", is_flag=True, help="Offer permessage-deflate.")
@click.option(
    "--header", "headers", multiple=True, callback=_header, metavar="'NAME: VALUE'", help="Repeatable."
)
@click.option("--insecure", is_flag=True, help="wss: trust any certificate.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.5,
    show_default=True,
    metavar="SECONDS",
    help="After the last line: close when no message came for so long.",
)
def connect(url: str, explained: bool, deflate: bool, insecure: bool, wait: float, **options: Any) -> None:
    """Send lines to a WebSocket server, and show what it sends.

    Lines come from the terminal or through a pipe; /help in a line shows the commands. The exit code is 1
    when the connection is refused, cut, or closed for an error.
    """
    from wslearn.console import HELP, talk
    from wslearn.deflate import Deflate

    if insecure:
        options["ssl_context"] = _trusting()
    if deflate:
        options["deflate"] = Deflate()
    # Unbuffered: a thread that waits inside a buffered standard input would keep Python from exiting.
    lines = getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
    if sys.stdin.isatty():
        _note(HELP)
    conversation = talk(url, lines, say=click.echo, note=_note, explained=explained, wait=wait, **options)
    try:
        closed = asyncio.run(conversation)
    except ssl.SSLCertVerificationError as error:
        raise click.ClickException(f"{error.verify_message}. With --insecure any will do.") from error
    except TimeoutError as error:
        raise click.ClickException(f"{url} did not answer in time.") from error
    except OSError as error:
        why = error.strerror or error
        raise click.ClickException(f"Cannot reach {url}: {why}. Does a server run there?") from error
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    sys.exit(0 if _went_well(closed) else 1)


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _note(text: str) -> None:
    """Say what is no message: a pipe behind this command gets the messages alone."""
    click.echo(text, err=True)


def _went_well(closed: ConnectionClosed) -> bool:
    """Whether both sides closed, and the server for no error of the protocol's list (§7.4.1)."""
    if closed.received is None:
        return False
    return not closed.received_first or closed.code in {1000, 1001, 1005} or closed.code >= 3000


@main.command()
@click.argument("words", nargs=-1, metavar="HEX... | -")
@click.option("--file", "file", type=click.File("rb"), help="Explain the bytes of a file; - for the input.")
@click.option("--role", type=click.Choice(["client", "server"]), help="Who sent them; else guessed.")
def explain(words: tuple[str, ...], file: IO[bytes] | None, role: Any) -> None:
    """Name every bit of a handshake or of frames.

    The bytes are hexadecimal, as in: wslearn explain 81 05 48 65 6c 6c 6f, and a - reads them from the
    standard input.
    """
    from wslearn.console import read_hex
    from wslearn.explain import explain as name_bits

    if bool(words) == bool(file):
        raise UsageError("Give the bytes in one way: in hexadecimal, as - for the input, or by --file.")
    if file is not None:
        data = file.read()
    else:
        data = read_hex(" ".join(sys.stdin.read() if word == "-" else word for word in words))
    click.echo(str(name_bits(data, role)))


@main.command()
@click.option("--folder", type=click.Path(path_type=Path), help="Where you keep your copy of the lessons.")
def doctor(folder: Path | None) -> None:
    """Check the installation, and say how to mend what fails."""
    from wslearn.doctor import examine

    checks = examine(folder)
    click.echo(str(checks))
    sys.exit(0 if checks.ok else 1)
