"""What both sides agree on: choose_subprotocol, parse_extensions (RFC 6455 §4.2.2, §9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.errors import HandshakeError
from wslearn.extensions import ExtensionOffer, parse_extensions
from wslearn.handshake import choose_subprotocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["CHOOSE_SUBPROTOCOL", "PARSE_EXTENSIONS"]

LESSON = "02_handshake"


# ---------------------------------------------------------------------------------- choose_subprotocol


def _offers() -> SearchStrategy[tuple[list[str], list[str]]]:
    from hypothesis import strategies as st

    names = st.lists(
        st.sampled_from(("chat", "superchat", "mqtt", "Chat", "v2.bookings")), unique=True, max_size=4
    )
    return st.tuples(names, names)


CHOOSE_SUBPROTOCOL = Exercise(
    model=choose_subprotocol,
    lesson=LESSON,
    section="RFC 6455 §4.1, item 10; §4.2.2, item 4",
    examples=(
        (["chat"], ["chat"]),
        (["chat"], []),
        ([], ["chat"]),
        (["chat"], ["mqtt"]),
        (["Chat"], ["chat"]),
        (["mqtt", "chat"], ["chat", "mqtt"]),
        (["mqtt", "chat"], ["mqtt", "chat"]),
        (["superchat", "chat"], ["chat"]),
    ),
    inputs=_offers,
    hints=(
        "Whose order counts? The client lists what it likes best first.",
        "Go through what is offered; the first that is spoken too is the answer.",
        "When nothing fits, the answer is `None`, not an empty text: then there is no header at all.",
        "`next((name for name in offered if name in spoken), None)`",
    ),
    misconceptions=(
        Misconception(
            "names without their case",
            "You compare names without regard to case. `Chat` and `chat` are two subprotocols: names are "
            "compared as they stand (§4.1, item 10; §11.5).",
            lambda offered, spoken: next(
                (name for name in offered if name.lower() in {other.lower() for other in spoken}), None
            ),
        ),
        Misconception(
            "the server's order",
            "You go through the server's list. Here the client's order decides, because it offers what it "
            "likes best first (§4.1, item 10). The RFC would let a server prefer otherwise.",
            lambda offered, spoken: next((name for name in spoken if name in offered), None),
        ),
        Misconception(
            "the first one, spoken or not",
            "You answer with the client's first name where nothing fits. A server must not agree to what it "
            "does not speak: `None` (§4.2.2, item 4).",
            lambda offered, spoken: choose_subprotocol(offered, spoken) or next(iter(offered), None),
        ),
        Misconception(
            "an empty text",
            "You return an empty text where nothing fits. Then there must be no Sec-WebSocket-Protocol "
            "header at all, and `None` says so: an empty name is not allowed (§4.2.2, item 4).",
            lambda offered, spoken: choose_subprotocol(offered, spoken) or "",
        ),
        Misconception(
            "an error where nothing fits",
            "You raise where nothing fits. That is no error: the connection opens without a subprotocol "
            "(§4.2.2, item 4).",
            lambda offered, spoken: [name for name in offered if name in spoken][0],  # noqa: RUF015
        ),
    ),
)


# ------------------------------------------------------------------------------------ parse_extensions

_NAMES = ("permessage-deflate", "x-webkit", "a")
_PARAMETERS = ("client_max_window_bits", "server_max_window_bits", "b")
# Outside the grammar of §9.1, each in a way of its own.
_OUTSIDE = (
    "a;",
    ";b",
    "a b",
    "a; =b",
    "a; b=",
    'a; b=""',
    'a; b="x y"',
    'a; b="10',
    "a; b=x=y",
    "(a)",
)


def _values() -> SearchStrategy[tuple[str]]:
    from hypothesis import strategies as st

    value = st.sampled_from(("", "=10", '="10"', '="1\\0"', "=x"))
    parameter = st.builds(
        "{}{}{}{}".format, st.sampled_from((";", "; ")), st.sampled_from(_PARAMETERS), value, st.just("")
    )
    offer = st.builds(
        lambda name, more: name + "".join(more), st.sampled_from(_NAMES), st.lists(parameter, max_size=2)
    )
    comma = st.sampled_from((",", ", ", ",,"))
    whole = st.builds(lambda by, offers: by.join(offers), comma, st.lists(offer, max_size=3))
    return st.tuples(whole | st.sampled_from(_OUTSIDE))


def _cut(value: str, read: Callable[[str], str | None], missing: str | None = None) -> list[ExtensionOffer]:
    """Read a value by cutting it at commas, semicolons and equal signs, without any check."""
    offers = []
    for element in filter(None, (part.strip() for part in value.split(","))):
        name, *rest = (part.strip() for part in element.split(";"))
        pairs = [part.partition("=") for part in rest]
        offers.append(
            ExtensionOffer(
                name, tuple((each, read(said) if equals else missing) for each, equals, said in pairs)
            )
        )
    return offers


def _changed(
    change: Callable[[list[ExtensionOffer]], list[ExtensionOffer]],
) -> Callable[[str], list[ExtensionOffer]]:
    return lambda value: change(parse_extensions(value))


def _without_none(offers: list[ExtensionOffer]) -> list[ExtensionOffer]:
    return [
        ExtensionOffer(each.name, tuple((name, said or "") for name, said in each.parameters))
        for each in offers
    ]


def _numbers(offers: list[ExtensionOffer]) -> list[ExtensionOffer]:
    def read(said: str | None) -> str | None:
        return int(said) if said and said.isdecimal() else said  # type: ignore[return-value]

    return [
        ExtensionOffer(each.name, tuple((name, read(said)) for name, said in each.parameters))
        for each in offers
    ]


def _once_each(offers: list[ExtensionOffer]) -> list[ExtensionOffer]:
    return list({each.name: each for each in offers}.values())


def _another_error(value: str) -> list[ExtensionOffer]:
    try:
        return parse_extensions(value)
    except HandshakeError as error:
        raise ValueError(error.args[0]) from None


PARSE_EXTENSIONS = Exercise(
    model=parse_extensions,
    lesson=LESSON,
    section="RFC 6455 §9.1",
    examples=(
        ("a",),
        ("",),
        ("a; b",),
        ("a; b=10",),
        ('a; b="10"',),
        ('a; b="1\\0"',),
        ("a,,c",),
        ("a; b=1, a",),
        ("a; b; c=1, d",),
        ("permessage-deflate; client_max_window_bits",),
        *((value,) for value in _OUTSIDE),
    ),
    inputs=_values,
    hints=(
        (
            "Three levels: offers between commas, parameters between semicolons, and a name and a value with "
            "`=` between them. No token holds one of these three characters, so cutting is allowed."
        ),
        (
            "`ExtensionOffer(name, ((parameter, value), …))`: a tuple of pairs, and the value is `None` "
            "where there is no `=`."
        ),
        (
            "A value may stand in quotes. Take them off, and a backslash in front of a character, too: "
            '`re.sub(r"\\\\(.)", r"\\1", inside)`.'
        ),
        (
            "Then every name and every value must be a token: "
            '`re.fullmatch(r"[!#$%&\'*+\\-.^_`|~0-9A-Za-z]+", text)`. `wslearn.http.TOKEN` is that pattern.'
        ),
        'What is not: `raise HandshakeError("…", status=400, section="§9.1")`. Skip offers that are empty.',
    ),
    misconceptions=(
        Misconception(
            "quotes kept, nothing checked",
            "You cut the value and check nothing. What is in quotes is meant without them, and what does not "
            "follow the grammar is refused with 400: every name and value is a token (§9.1).",
            lambda value: _cut(value, lambda said: said),
        ),
        Misconception(
            "nothing checked",
            "You check nothing. A value that does not follow the grammar cannot be understood, and guessing "
            "is not allowed: fail with 400 (§9.1).",
            lambda value: _cut(value, lambda said: said.strip('"').replace("\\", "")),
        ),
        Misconception(
            "empty instead of None",
            "You give a parameter without a value an empty one. `b` and `b=` are not the same, and the "
            "second is not allowed: without `=` the value is `None` (§9.1).",
            _changed(_without_none),
        ),
        Misconception(
            "numbers",
            "You turn values into numbers. The grammar knows tokens only; what a value means is the "
            "extension's own affair (§9.1).",
            _changed(_numbers),
        ),
        Misconception(
            "each name once",
            "You keep one offer for each name. A client may offer the same extension several times, the "
            "settings that it likes best first (RFC 7692 §5).",
            _changed(_once_each),
        ),
        Misconception(
            "another error",
            "You raise another error than `HandshakeError`. That one carries the status that the server will "
            "answer with: 400 (§9.1).",
            _another_error,
        ),
    ),
)
