"""What stands on the cheat sheet: each part is made of the library's own tables, or of the question bank."""

from __future__ import annotations

import inspect
from collections import defaultdict
from dataclasses import fields
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from wslearn.closing import Close, CloseCode, may_be_sent
from wslearn.connection import TRANSITIONS
from wslearn.errors import ProtocolError, UsageError
from wslearn.explain import explain
from wslearn.extensions import ExtensionOffer
from wslearn.frames import Frame, Opcode, header
from wslearn.handshake import GUID, client_request, server_response
from wslearn.http import MAX_FIELDS, MAX_HEAD_SIZE
from wslearn.interview.bank import Card, Design, Estimate, Open, item
from wslearn.interview.numbers import write_number
from wslearn.interview.picking import pick
from wslearn.interview.ways import AND, COSTS, RULES, WAYS
from wslearn.picture_card import prose
from wslearn.vectors import BAD_REQUESTS, HANDSHAKE_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ESTIMATES", "PARTS", "SAID"]

#: What to say in a sentence or two, by the items that say it.
SAID = (
    "why-one-sentence",
    "masking-how",
    "closing-handshake-steps",
    "keepalive-tcp-own",
    "reconnecting-full-jitter",
    "delivery-three-promises",
    "backpressure-four-ways",
    "compression-context-takeover",
    "origin-hijacking-explain",
    "authentication-ticket",
    "tls-why-wss-passes",
    "load-balancing-sticky-myth",
    "scaling-against-rest",
    "scaling-limits-of-a-node",
    "proxies-connect",
    "mobile-idle-nat",
    "fan-out-square",
    "design-ask-first",
)

#: What to have reckoned once, by the items that reckon it.
ESTIMATES = (
    "scaling-memory-ten-million",
    "scaling-ping-cores",
    "scaling-fan-out-cores",
    "scaling-storm-without-jitter",
    "reconnecting-shortest-window",
    "compression-window-memory",
)


def handshake() -> str:
    """Write both heads with what each field is for, and what a refusal says."""
    request = client_request(
        "wss://server.example.com/chat",
        key=HANDSHAKE_KEY,
        origin="https://example.com",
        subprotocols=("chat",),
        extensions=(ExtensionOffer("permessage-deflate", ()),),
    )
    response = server_response(request, subprotocols=("chat",))
    heads = "".join(
        f"<pre>{escape(head.partition(chr(13))[0])}</pre>{_rows(_fields(head))}"
        for head in (request.serialize().decode(), response.serialize().decode())
    )
    recipe = f"<p><b>Accept</b> = base64(SHA-1(key + <code>{GUID}</code>)). It authenticates nobody.</p>"
    refused = defaultdict[int, list[str]](list)
    for bad in BAD_REQUESTS:
        refused[bad.status].append(bad.name)
    reasons = [
        (f"{status} {HTTPStatus(status).phrase}", ", ".join(names[:3]) + ", …" * (len(names) > 3))
        for status, names in sorted(refused.items())
    ]
    return f"{heads}{recipe}{_rows(reasons)}"


def _fields(head: str) -> list[tuple[str, str]]:
    """Give each header field, and what it is for."""
    fields = [span for span in explain(head.encode()) if f"\n{span.name}: " in head]
    return [(f"`{span.name}: {span.value}`", span.meaning) for span in fields]


def frame() -> str:
    """Write the fields of a header with their bits, and how long it is."""
    data = Frame(Opcode.TEXT, bytes(126), masking_key=bytes(4)).serialize()
    spans = [span for span in explain(data, role="client") if span.name != "payload"]
    boxes = "".join(f"<td>{escape(span.name)}<br><b>{span.stop - span.start}</b></td>" for span in spans)
    rows = []
    for size, written in _ENDS.items():
        server, client = len(header(0x81, size)), len(header(0x81, size, bytes(4)))
        rows.append((f"payload up to {written} bytes", f"header: server {server}, client {client} bytes"))
    return f'<table class="bits"><tr>{boxes}</tr></table>{_rows(rows)}'


#: The longest payload of each length form (RFC 6455 §5.2).
_ENDS = {125: "125", 65_535: "65,535", 2**63 - 1: "2⁶³ − 1"}


def opcodes() -> str:
    """List the opcodes; the others are reserved."""
    rows = []
    for opcode in Opcode:
        # A continuation needs something to continue.
        before = b"\x01\x00" if opcode is Opcode.CONTINUATION else b""
        spans = explain(before + bytes([0x80 | opcode, 0]), role="server")
        meaning = [span.meaning for span in spans if span.name == "opcode"][-1]
        rows.append((f"0x{opcode:X} {opcode.name.lower()}", meaning))
    used = {int(opcode) for opcode in Opcode}
    free = ", ".join(f"{each:X}" for each in range(16) if each not in used)
    return _rows([*rows, ("reserved", free)])


def close_codes() -> str:
    """List the registered codes, and say whether a frame may carry each."""
    rows = []
    for code in filter(may_be_sent, CloseCode):
        spans = explain(bytes([0x88, 2]) + code.to_bytes(2, "big"), role="server")
        told = next(span.meaning for span in spans if span.name == "close code")
        rows.append((_named(code), told))
    never = "; ".join(_named(code) for code in CloseCode if not may_be_sent(code))
    own = [
        (f"{first}–{first + 999}", whose)
        for first, whose in ((3000, "registered by libraries"), (4000, "private"))
        if may_be_sent(first) and may_be_sent(first + 999)
    ]
    return _rows([*rows, ("never in a frame", never), *own])


def _named(code: CloseCode) -> str:
    return f"{code.value} {code.name.lower().replace('_', ' ')}"


def states() -> str:
    """List the states, and what leads from one to the next."""
    rows = [
        (
            state.value,
            "; ".join(f"{step.value} → {to.value}" for step, to in steps.items() if to is not state),
        )
        for state, steps in TRANSITIONS.items()
    ]
    return _rows([(state, to or "for good") for state, to in rows])


def limits() -> str:
    """Say what the protocol limits, and what this library does if nothing else is said."""
    from wslearn.net.limits import Limits
    from wslearn.net.server import Server

    control = _longest(lambda size: Frame(Opcode.PING, bytes(size)).check("server"))
    reason = _longest(lambda size: Close(1000, "x" * size).serialize())
    rows = [
        ("control frame", f"{control} bytes of payload, never fragmented"),
        ("close reason", f"{reason} bytes of UTF-8"),
        ("head", f"{MAX_HEAD_SIZE:,} bytes, {MAX_FIELDS} fields"),
        *((field.name, _written(field.name, getattr(Limits(), field.name))) for field in fields(Limits)),
        ("max_connections", _written("", inspect.signature(Server).parameters["max_connections"].default)),
    ]
    return _rows(rows)


def _longest(attempt: Any) -> int:
    """Find the largest size at which nothing is raised."""
    size = 0
    while True:
        try:
            attempt(size + 1)
        except (ProtocolError, UsageError):
            return size
        size += 1


def _written(name: str, value: float | None) -> str:
    units = {"size": " bytes", "timeout": " s", "interval": " s", "rate": " messages a second"}
    return "off" if value is None else f"{value:,.0f}{units.get(name.rpartition('_')[2], '')}"


def ways() -> str:
    """List the ways to push, the simplest first, what each costs, and where it is out."""
    parts = []
    for way, what in WAYS.items():
        rules = [rule for rule in RULES if rule.way == way]
        out = [rule.when for rule in rules if not rule.costly]
        price = [rule.when for rule in rules if rule.costly]
        parts.append(
            f"<p><b>{escape(way)}</b>. {prose(what)} <i>Costs:</i> {prose(COSTS[way])}"
            f"{_where('Out with', out)}{_where('At a price with', price)}</p>"
        )
    marks = f"Between needs, “{AND.strip()}” means and, “{_OR.strip()}” means or."
    return f"{''.join(parts)}<p>Take the first that is left. {marks}</p>"


#: Between the needs of one rule and those of another; within a rule there are `AND`.
_OR = " · "


def _where(name: str, whens: list[str]) -> str:
    return f" <i>{name}</i> {escape(_OR.join(whens))}." if whens else ""


def sentences() -> str:
    """Give what to say of the classic topics."""
    answered = [each for each in map(item, SAID) if isinstance(each, Card | Open)]
    return _rows((each.topic, each.answer) for each in answered)


def estimates() -> str:
    """Give figures to begin with, and what comes of them."""
    rows = []
    for each in pick(Estimate, ESTIMATES):
        given = ", ".join(f"{write_number(known.value)} {known.unit}" for known in each.given.values())
        rows.append((f"{write_number(each.result())} {each.unit}", given))
    return _rows(rows)


def designs() -> str:
    """Give the classic designs, each in a sentence."""
    return _rows((each.id.partition("-")[2].replace("-", " "), each.answer) for each in pick(Design))


def _rows(rows: Iterable[tuple[str, str]]) -> str:
    """Write a list of names and what there is to say of each."""
    body = "".join(f"<li><b>{prose(name)}</b> {prose(told)}</li>" for name, told in rows)
    return f"<ul>{body}</ul>"


#: The parts, by their headings, in their order.
PARTS = {
    "Opening handshake (§4)": handshake,
    "Frame header: fields and bits (§5.2)": frame,
    "Opcodes (§5.2)": opcodes,
    "Close codes (§7.4)": close_codes,
    "States": states,
    "Limits, and this library's defaults": limits,
    "Which way to push": ways,
    "In a sentence": sentences,
    "Reckoned": estimates,
    "Designs": designs,
}
