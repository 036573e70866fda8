"""What every peer is put through, as a client and as a server: one list for all of them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from wslearn import CloseCode, Deflate
from wslearn.net import WebSocket, connect

#: What a server does that is asked to close.
ASK = "close, please"
CODE, REASON = 4001, "as you wish"

#: The one subprotocol that servers speak.
SUBPROTOCOL = "chat"

Message = str | bytes
Transcript = list[list[Any]]


@dataclass(frozen=True)
class Scenario:
    """One connection: messages to be echoed, fragments, pings, and how it is closed.

    `fragments` are sent as one message. `code` is ``None`` where the server is asked to close.
    """

    name: str
    messages: tuple[Message, ...] = ()
    fragments: tuple[Message, ...] = ()
    pings: tuple[bytes, ...] = ()
    code: int | None = CloseCode.NORMAL_CLOSURE.value
    reason: str = ""
    deflate: bool = False
    subprotocols: tuple[str, ...] = ()
    needs: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        features = {"fragments": self.fragments, "pings": self.pings, "deflate": self.deflate}
        object.__setattr__(self, "needs", frozenset(name for name, used in features.items() if used))

    def __str__(self) -> str:
        return self.name

    def transcript(self, *, answer: int | None = None) -> Transcript:
        """Tell what the client must see; `answer` is the code of a server that does not echo ours."""
        chosen = SUBPROTOCOL if SUBPROTOCOL in self.subprotocols else ""
        lines: Transcript = [["open", chosen, self.deflate]]
        lines += [seen(message) for message in self.messages]
        if self.fragments:
            whole = self.fragments[0][:0].join(self.fragments)  # type: ignore[arg-type]
            lines.append(seen(whole))
        lines += [["pong", payload.hex()] for payload in self.pings]
        lines.append(["closed", CODE, REASON] if self.code is None else ["closed", answer or self.code, ""])
        return lines

    def as_json(self) -> dict[str, Any]:
        """Write it for a peer in another language."""

        def packed(messages: tuple[Message, ...]) -> list[dict[str, str]]:
            return [
                {"text": message}
                if isinstance(message, str)
                else {"base64": base64.b64encode(message).decode()}
                for message in messages
            ]

        return {
            "messages": packed(self.messages),
            "fragments": packed(self.fragments),
            "pings": [payload.hex() for payload in self.pings],
            "code": self.code,
            "reason": self.reason,
            "deflate": self.deflate,
            "subprotocols": list(self.subprotocols),
            "ask": ASK,
        }


def seen(message: Message) -> list[Any]:
    """Note a message that came back."""
    data = message.encode() if isinstance(message, str) else message
    kind = "text" if isinstance(message, str) else "binary"
    return ["message", kind, len(data), hashlib.sha256(data).hexdigest()]


def closed(code: int | None, reason: str | None, scenario: Scenario) -> list[Any]:
    """Note how it ended. Not every server sends our reason back, and none need."""
    return ["closed", code, (reason or "") if scenario.code is None else ""]


def noise(size: int) -> bytes:
    """Bytes that do not compress, the same in every run."""
    return hashlib.shake_128(size.to_bytes(4, "big")).digest(size)


PROSE = "The quick brown fox jumps over the lazy dog. " * 400

SCENARIOS = [
    Scenario("small text", ("Hello",)),
    Scenario("empty", ("", b"")),
    Scenario("unicode", ("ä€𝄞\x00\n", "\N{GREEK SMALL LETTER KAPPA}όσμε" * 30)),
    *(Scenario(f"{size} bytes", (noise(size),)) for size in (1, 125, 126, 127, 65535, 65536)),
    Scenario("1 MiB", (noise(1 << 20), "x" * (1 << 20))),
    Scenario("many", tuple(f"message {number}" for number in range(200))),
    Scenario("fragmented text", fragments=("Gr", "", "üße, ", "x" * 300)),
    Scenario("fragmented binary", ("before",), fragments=(noise(70000), noise(3), b"")),
    Scenario("ping", ("before",), pings=(b"", b"payload", bytes(125))),
    Scenario("close with a code and a reason", code=4000, reason="à bientôt"),
    Scenario("close with the longest reason", code=3000, reason="x" * 123),
    Scenario("closed by the server", ("before",), code=None),
    Scenario("subprotocol", ("Hello",), subprotocols=("other", SUBPROTOCOL)),
    Scenario("compressed", (PROSE, "", noise(5000), PROSE.encode(), PROSE), deflate=True),
    Scenario("compressed fragments", (PROSE,), fragments=(PROSE, "", "!"), pings=(b"?",), deflate=True),
]


async def echo_or_close(ws: WebSocket) -> None:
    """Be the server of every scenario."""
    async for message in ws:
        if message == ASK:
            await ws.close(CODE, REASON)
        else:
            await ws.send(message)


async def visit(url: str, scenario: Scenario) -> Transcript:
    """Be the client of a scenario."""
    ws = await connect(
        url, deflate=Deflate() if scenario.deflate else None, subprotocols=scenario.subprotocols
    )
    lines: Transcript = [
        ["open", ws.subprotocol or "", "Sec-WebSocket-Extensions" in ws.response.headers],
    ]
    for message in scenario.messages:
        await ws.send(message)
    lines += [seen(await ws.recv()) for _ in scenario.messages]
    for number, piece in enumerate(scenario.fragments, 1):
        await ws.send(piece, fin=number == len(scenario.fragments))
    if scenario.fragments:
        lines.append(seen(await ws.recv()))
    for payload in scenario.pings:
        assert await ws.ping(payload) > 0
        lines.append(["pong", payload.hex()])
    if scenario.code is None:
        await ws.send(ASK)
        await ws.wait_closed()
    else:
        await ws.close(scenario.code, scenario.reason)
    return [*lines, closed(ws.closed.code, ws.closed.reason, scenario)]
