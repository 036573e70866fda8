"""A student's own functions as a server: `my_connection` puts them together, `serve` runs them.

The library fills in what is missing. `wslearn.course.mine.wire` is what the bytes go through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import exercises
from wslearn.course.guard import is_stub
from wslearn.course.mine.faults import Broken, Fault
from wslearn.course.mine.handshake import answer
from wslearn.course.mine.parts import Parts
from wslearn.course.mine.rules import RULES
from wslearn.course.mine.wire import Assembled
from wslearn.errors import HandshakeError, UsageError
from wslearn.handshake import Target, client_request
from wslearn.http import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslearn.connection import Role
    from wslearn.http import Response
    from wslearn.net.apps import App
    from wslearn.net.websocket import WebSocket

__all__ = ["MyConnection", "my_connection"]


def my_connection(
    *functions: Callable[..., Any], app: App | None = None, patience: float = 5.0
) -> MyConnection:
    """Make a server of your own functions; the library fills in those that are missing or still empty.

    Parameters
    ----------
    *functions
        Functions of the exercises, known by their names, in any order.
    app
        What runs on each connection: ``async def handler(ws)``. Every message is sent back where there is
        none.
    patience
        Seconds that a call of one of your functions may take.

    Returns
    -------
    MyConnection
        For `serve`; printed, it says which parts are yours.

    Raises
    ------
    UsageError
        For what is no function, a name that no exercise has, or the same name twice.

    Examples
    --------
    >>> def mask_bytewise(payload, masking_key):
    ...     return bytes(octet ^ masking_key[i % 4] for i, octet in enumerate(payload))
    >>> def header(first_byte, size, masking_key=None):
    ...     "Not written yet."
    >>> mine = my_connection(mask_bytewise, header)
    >>> mine.yours, mine.empty
    (['mask_bytewise'], ['header'])
    >>> mine.connection("server").receive(bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"))
    ['Hello']
    """
    if app is not None and not callable(app):
        raise UsageError(f"app is an async function that takes a WebSocket, not {app!r}.")
    named: dict[str, Callable[..., Any]] = {}
    known = dict.fromkeys([*RULES, *(exercise.name for exercise in exercises())])
    for function in functions:
        name = getattr(function, "__name__", "")
        if not name:
            raise UsageError(f"Give the functions themselves, without calling them: not {function!r}.")
        if name not in known:
            raise UsageError(f"No exercise asks for {name!r}. It asks for {', '.join(known)}.")
        if name in named:
            raise UsageError(f"{name} is there twice; a connection takes one.")
        named[name] = function
    if app is None:
        from wslearn.net.apps import echo

        app = echo
    return MyConnection(named, app, patience)


class MyConnection:
    """What `my_connection` made: an app for `serve` that brings its own protocol.

    Parameters
    ----------
    functions
        A student's functions, by name.
    app
        What runs on each connection.
    patience
        Seconds that a call of one of the functions may take.
    """

    def __init__(self, functions: dict[str, Callable[..., Any]], app: App, patience: float) -> None:
        self.empty = [name for name in RULES if name in functions and is_stub(functions[name])]
        self.elsewhere = [name for name in functions if name not in RULES]
        brought = {name: functions[name] for name in RULES if name in functions and name not in self.empty}
        self.yours = [name for name, function in brought.items() if not _is_model(function)]
        self.app = app
        self.parts = Parts(brought, patience)
        self.__name__ = getattr(app, "__name__", "app")

    def __repr__(self) -> str:
        from wslearn.course.mine.picture import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from wslearn.course.mine.picture import as_html

        return as_html(self)

    def __getattr__(self, name: str) -> Any:
        """Pass on what else the app brings for its server: see `wslearn.net.apps.Mounted`."""
        if name in {"pages", "limits", "astart", "aclose"}:
            return getattr(self.app, name)
        raise AttributeError(f"A connection of parts has no {name!r}.", name=name, obj=self)

    @property
    def faults(self) -> list[Fault]:
        """What the functions did that they should not have done, the newest last; 20 are kept."""
        return list(self.parts.faults)

    # ------------------------------------------------------------------------- what a server asks for

    async def __call__(self, ws: WebSocket) -> None:
        """Run the app on a connection."""
        await self.app(ws)

    def split_head(self, data: bytes) -> tuple[bytes, bytes]:
        """Cut a whole HTTP head from what came behind it.

        Raises
        ------
        HandshakeError
            With 500 when `split_head` does not work, and as it does.
        """
        try:
            cut = self.parts.split_head(data)
            if cut is None:
                self.parts.fail("split_head", "gave None for a whole head", data)
        except Broken as broken:
            raise _unable(broken) from None
        return cut

    def server_response(self, request: Request, **options: Any) -> Response:
        """Answer the opening handshake; options are those of `wslearn.server_response`.

        Raises
        ------
        HandshakeError
            With the status to refuse with: 500 when a function does not work.
        """
        try:
            return answer(self.parts, request, **options)
        except Broken as broken:
            raise _unable(broken) from None

    def client_request(self, url: str) -> Request:
        """Write a client's opening handshake; as `wslearn.client_request`.

        Raises
        ------
        UsageError
            For what is no WebSocket URL, and when `build_request` does not work.
        """
        target, key = Target.parse(url), client_request(url).headers["Sec-WebSocket-Key"]
        try:
            data = self.parts.build_request(target.authority, target.resource, key)
            try:
                return Request.parse(data)
            except HandshakeError as error:
                self.parts.fail("build_request", f"gave no request: {error.args[0]}", data)
        except Broken as broken:
            raise UsageError(str(broken)) from None

    def check_response(self, request: Request, response: Response) -> None:
        """Check the server's answer; as `wslearn.check_response`.

        Raises
        ------
        HandshakeError
            When `check_answer` does not take it.
        UsageError
            When `check_answer` does not work.
        """
        try:
            taken = self.parts.check_answer(request, response)
        except Broken as broken:
            raise UsageError(str(broken)) from None
        if not taken:
            raise HandshakeError("check_answer says no.", status=response.status, section="§4.1")

    def connection(self, role: Role, **options: Any) -> Assembled:
        """Make a connection, past its handshake; options are those of `wslearn.Connection`."""
        return Assembled(self.parts, role, **options)


def _is_model(function: Callable[..., Any]) -> bool:
    return any(exercise.model is function for exercise in exercises())


def _unable(broken: Broken) -> HandshakeError:
    message = f"A part of this server does not work: {broken}".encode(errors="replace").decode()
    return HandshakeError(message, status=500, section="§4.2.2")
