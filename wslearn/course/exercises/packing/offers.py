"""Lesson 08, `accept_offer`: how a server answers an offer of permessage-deflate (RFC 7692 §7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslearn.course.exercise import Exercise, Misconception
from wslearn.deflate import Deflate
from wslearn.extensions import ExtensionOffer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

__all__ = ["ACCEPT_OFFER"]

LESSON = "08_compression"


def accept_offer(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    """Answer an offer of permessage-deflate, windows of at most `bits` (RFC 7692 §7.1), or decline it."""
    return Deflate(server_max_window_bits=bits, client_max_window_bits=bits).accept(offer)


Parameters = tuple[tuple[str, str | None], ...]
_NO_TAKEOVER = ("server_no_context_takeover", "client_no_context_takeover")
_BITS = [str(bits) for bits in range(8, 16)]


def _offers() -> SearchStrategy[tuple[ExtensionOffer, int]]:
    from hypothesis import strategies as st

    value = st.sampled_from((*_BITS, "7", "16", "010", "x", None))
    windows = ("server_max_window_bits", "client_max_window_bits")
    parameter = st.tuples(st.sampled_from(windows), value) | st.tuples(
        st.sampled_from((*_NO_TAKEOVER, "mystery")), st.sampled_from((None, None, None, "1"))
    )
    parameters = st.lists(parameter, max_size=3).map(tuple)
    return st.tuples(st.builds(_offer, parameters), st.integers(8, 15))


def _offer(parameters: Parameters) -> ExtensionOffer:
    return ExtensionOffer("permessage-deflate", parameters)


def _sorted(answer: Any, offer: ExtensionOffer, _bits: int) -> Any:
    """Leave out what says nothing, and what an answer may repeat or not; the order is free."""
    if not isinstance(answer, ExtensionOffer):
        return answer
    idle: set[tuple[str, str | None]] = {("client_max_window_bits", "15")}
    if "server_max_window_bits" not in dict(offer.parameters):
        idle.add(("server_max_window_bits", "15"))
    if ("client_no_context_takeover", None) in offer.parameters:  # §7.1.1.2: the client said that it will
        idle.add(("client_no_context_takeover", None))
    said = [each for each in answer.parameters if each not in idle]  # a name that comes twice stays twice
    return ExtensionOffer(answer.name, tuple(sorted(said, key=str)))


def _echoed(offer: ExtensionOffer, _bits: int) -> ExtensionOffer | None:
    return offer


def _told_unasked(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    answer = accept_offer(offer, bits)
    told = ("client_max_window_bits", str(bits))
    if answer is None or bits == 15 or "client_max_window_bits" in dict(offer.parameters):
        return answer
    return _offer((*answer.parameters, told))


def _known(offer: ExtensionOffer) -> Iterator[tuple[str, str | None]]:
    windows = ("server_max_window_bits", "client_max_window_bits")
    return (each for each in offer.parameters if each[0] in (*windows, *_NO_TAKEOVER))


def _unknown_skipped(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    return accept_offer(_offer(tuple(_known(offer))), bits)


def _own_window(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    answer = accept_offer(offer, bits)
    if answer is None or "server_max_window_bits" not in dict(offer.parameters):
        return answer
    kept = tuple(each for each in answer.parameters if each[0] != "server_max_window_bits")
    return _offer((*kept, ("server_max_window_bits", str(bits))))


def _any_number(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    plain = ((name, value if value is None else value.lstrip("0")) for name, value in offer.parameters)
    return accept_offer(_offer(tuple(plain)), bits)


def _last_one_wins(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    return accept_offer(_offer(tuple(dict(offer.parameters).items())), bits)


def _history_kept(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    answer = accept_offer(offer, bits)
    if answer is None:
        return None
    return _offer(tuple(each for each in answer.parameters if each[0] != "server_no_context_takeover"))


def _as_numbers(offer: ExtensionOffer, bits: int) -> Any:
    answer: Any = accept_offer(offer, bits)
    if answer is None:
        return None
    numbers: Any = tuple((name, value and int(value)) for name, value in answer.parameters)
    return _offer(numbers)


def _own_limit_unsaid(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    answer = accept_offer(offer, bits)
    if answer is None:
        return None
    offered = dict(offer.parameters)
    return _offer(tuple(each for each in answer.parameters if each[0] in offered))


def _any_value(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    plain = tuple((name, None if name in _NO_TAKEOVER else value) for name, value in offer.parameters)
    return accept_offer(_offer(plain), bits)


def _a_value_for_each(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    if ("client_max_window_bits", None) in offer.parameters:
        int(None)  # type: ignore[call-overload]
    return accept_offer(offer, bits)


def _said_twice(offer: ExtensionOffer, bits: int) -> ExtensionOffer | None:
    answer = accept_offer(offer, bits)
    if answer is None or bits == 15:
        return answer
    again = tuple(each for each in answer.parameters if each[0] == "server_max_window_bits")
    return _offer((*answer.parameters, *(again if again[0][0] in dict(offer.parameters) else ())))


ACCEPT_OFFER = Exercise(
    model=accept_offer,
    lesson=LESSON,
    section="RFC 7692 §7, §7.1",
    examples=tuple(
        (_offer(parameters), bits)
        for parameters, bits in (
            ((), 15),
            ((), 12),
            ((("client_max_window_bits", None),), 12),
            ((("client_max_window_bits", "10"),), 12),
            ((("client_max_window_bits", "15"),), 9),
            ((("server_max_window_bits", "10"),), 12),
            ((("server_max_window_bits", "15"),), 12),
            ((("server_max_window_bits", "15"),), 15),
            ((("server_no_context_takeover", None),), 15),
            ((("client_no_context_takeover", None),), 15),
            ((("server_no_context_takeover", "1"),), 15),
            ((("server_max_window_bits", None),), 15),
            ((("server_max_window_bits", "8"),), 15),
            ((("server_max_window_bits", "7"),), 15),
            ((("server_max_window_bits", "16"),), 15),
            ((("server_max_window_bits", "010"),), 15),
            ((("client_max_window_bits", "ten"),), 15),
            ((("mystery", None),), 15),
            ((("server_max_window_bits", "10"), ("server_max_window_bits", "9")), 15),
            ((("server_max_window_bits", "10"), ("client_max_window_bits", None)), 11),
        )
    ),
    inputs=_offers,
    hints=(
        (
            "First decide whether to decline: a name that is none of the four, a name that comes twice, a "
            "value that must not be there, or is not one of `8` to `15`. Then return `None`."
        ),
        (
            "Only `client_max_window_bits` may come without a value: the client says that it can, and "
            "leaves the number to you. The two `no_context_takeover` never have a value."
        ),
        (
            "`server_max_window_bits` goes into the answer when it was offered, or when `bits` is below "
            "15: the smaller of the two numbers."
        ),
        (
            "`client_max_window_bits` goes into the answer only when it was offered: the smaller of `bits` "
            "and its value. Both `no_context_takeover` are repeated as they came."
        ),
    ),
    misconceptions=(
        Misconception(
            "the offer sent back",
            "You send the offer back as it is. An answer says what holds: `client_max_window_bits` has a "
            "number there (RFC 7692 §7.1.2.2), your own limit counts as well, and a broken offer is "
            "declined with `None` (RFC 7692 §7).",
            _echoed,
        ),
        Misconception(
            "the client told unasked",
            "You set `client_max_window_bits` for a client that did not offer it. It may not be able to; "
            "only a client that names the parameter can be told a number (RFC 7692 §7.1.2.2).",
            _told_unasked,
        ),
        Misconception(
            "an unknown parameter skipped",
            "You accept an offer with a parameter that you do not know. It may change everything: decline "
            "such an offer (RFC 7692 §7).",
            _unknown_skipped,
        ),
        Misconception(
            "the server's own window",
            "You answer with your own `bits` where the client asked for a smaller window. It keeps no more "
            "history than that, so the smaller of the two numbers counts (RFC 7692 §7.1.2.1).",
            _own_window,
        ),
        Misconception(
            "numbers in place of text",
            "You give the bits as a number. A value stands in the header as text: `str(…)`.",
            _as_numbers,
        ),
        Misconception(
            "the own limit unsaid",
            "You name `server_max_window_bits` only where the client did. A server may limit itself without "
            "being asked, and when `bits` is below 15 the client should hear of it: it can keep less history "
            "then (RFC 7692 §7.1.2.1).",
            _own_limit_unsaid,
        ),
        Misconception(
            "a value where there is none",
            "You accept `server_no_context_takeover` or `client_no_context_takeover` with a value. They have "
            "none (RFC 7692 §7.1.1): decline.",
            _any_value,
        ),
        Misconception(
            "a value expected",
            "`client_max_window_bits` may come without a value, which is `None` here, and that is no number: "
            "the client leaves it to you (RFC 7692 §7.1.2.2).",
            _a_value_for_each,
        ),
        Misconception(
            "one parameter said twice",
            "Your answer names `server_max_window_bits` twice. Say it once: a client must fail the "
            "connection on an answer that names a parameter twice (RFC 7692 §7).",
            _said_twice,
        ),
        Misconception(
            "a leading zero",
            "You accept a number with a leading zero. `int()` is more generous than the RFC: a decimal "
            "number from 8 to 15 without leading zeroes (RFC 7692 §7.1.2.1).",
            _any_number,
        ),
        Misconception(
            "the last one wins",
            "You accept an offer that names a parameter twice. In a dict the last one wins, silently: such "
            "an offer is declined (RFC 7692 §7).",
            _last_one_wins,
        ),
        Misconception(
            "the server's history kept",
            "You leave `server_no_context_takeover` out of the answer. To accept it is to include it; the "
            "client does not keep a history that it asked you not to use (RFC 7692 §7.1.1.1).",
            _history_kept,
        ),
    ),
    normal=_sorted,
    see=(Deflate.accept, Deflate.parameters),
)
