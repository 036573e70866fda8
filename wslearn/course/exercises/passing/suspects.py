"""Lesson 12, `suspect`: from what a client sees to what is broken (RFC 6455 §4.2.2, §7.1.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["SUSPECT", "suspect"]


def suspect(ws: int, wss: int, silent: float | None, pinging: float | None) -> str:
    """Name what is likely broken on a path.

    Parameters
    ----------
    ws, wss
        The status of the answer to a handshake, by each of the two; 0 where there was none.
    silent, pinging
        After how many seconds a connection was cut with 1006, one that is silent and one that pings; ``None``
        where it was still open.

    Returns
    -------
    str
        ``"limited life"``, ``"idle timeout"``, ``"nothing"``, ``"no server"``, ``"plain HTTP"``,
        ``"no answer"`` or ``"upgrade"``.

    Examples
    --------
    >>> suspect(101, 101, 60.0, None), suspect(400, 101, None, None)
    ('idle timeout', 'plain HTTP')
    """
    if ws == 101:
        if pinging is not None:
            return "limited life"
        return "nothing" if silent is None else "idle timeout"
    if ws in {502, 503, 504}:
        return "no server"
    if wss == 101:
        return "plain HTTP"
    return "no answer" if ws == 0 else "upgrade"


def _sights() -> SearchStrategy[tuple[int, int, float | None, float | None]]:
    from hypothesis import strategies as st

    status = st.sampled_from((0, 101, 200, 400, 426, 502, 503, 504))
    life = st.sampled_from((None, 0.0, 1.0, 60.0))
    return st.tuples(status, status, life, life)


def _silence_first(ws: int, wss: int, silent: float | None, pinging: float | None) -> str:
    return "idle timeout" if ws == 101 and silent is not None else suspect(ws, wss, silent, pinging)


def _zero_is_nothing(ws: int, wss: int, silent: float | None, pinging: float | None) -> str:
    return suspect(ws, wss, silent or None, pinging or None)


def _bad_gateway_is_the_upgrade(ws: int, wss: int, silent: float | None, pinging: float | None) -> str:
    return suspect(400 if ws in {502, 503, 504} else ws, wss, silent, pinging)


def _wss_not_asked(ws: int, _wss: int, silent: float | None, pinging: float | None) -> str:
    return suspect(ws, 0, silent, pinging)


def _wss_first(ws: int, wss: int, silent: float | None, pinging: float | None) -> str:
    return "plain HTTP" if ws != 101 and wss == 101 else suspect(ws, wss, silent, pinging)


def _no_answer_first(ws: int, wss: int, silent: float | None, pinging: float | None) -> str:
    return "no answer" if ws == 0 else suspect(ws, wss, silent, pinging)


def _only_502(ws: int, wss: int, silent: float | None, pinging: float | None) -> str:
    return suspect(400 if ws in {503, 504} else ws, wss, silent, pinging)


def _ok_is_enough(ws: int, wss: int, silent: float | None, pinging: float | None) -> str:
    return suspect(101 if ws == 200 else ws, wss, silent, pinging)


def _only_400(ws: int, wss: int, silent: float | None, pinging: float | None) -> str:
    found = suspect(ws, wss, silent, pinging)
    return "nothing" if found == "upgrade" and ws != 400 else found


SUSPECT = Exercise(
    model=suspect,
    lesson="12_proxies",
    section="RFC 6455 §4.2.2, §7.1.5",
    examples=(
        (101, 101, None, None),
        (101, 101, 60.0, None),
        (101, 101, 60.0, 60.0),
        (101, 101, None, 60.0),
        (101, 101, 0.0, None),
        (101, 101, 0.0, 0.0),
        (400, 400, None, None),
        (426, 426, None, None),
        (200, 200, None, None),
        (400, 101, None, None),
        (0, 0, None, None),
        (0, 101, None, None),
        (502, 502, None, None),
        (503, 503, None, None),
        (504, 504, None, None),
        (502, 101, None, None),
    ),
    inputs=_sights,
    hints=(
        "Begin with the most telling: did the handshake succeed, `ws == 101`? Then only time is at fault.",
        "Pings help against an idle timeout. What if the connection that pings was cut, too?",
        "`None` means still open; 0.0 is a time like any other. So ask `is not None`.",
        "502 and 504 are a proxy's own words: it got no answer from a server. 503 often is, too.",
        "What changes plain HTTP on the way cannot change what is encrypted: ask for `wss` before the rest.",
    ),
    misconceptions=(
        Misconception(
            "silence looked at first",
            "You look at the silent connection first. Where the one that pings was cut as well, pings do not "
            "help, so it is no idle timeout.",
            _silence_first,
        ),
        Misconception(
            "0 seconds taken for open",
            "You ask whether the number is true. 0.0 is false in Python, and here it means cut at once; "
            "`None` means still open. Ask `is not None`.",
            _zero_is_nothing,
        ),
        Misconception(
            "a gateway's error taken for the upgrade",
            "You take 502, 503 or 504 for a lost upgrade. So answers a proxy that got no answer from a "
            "server (RFC 9110 §15.6.3 to §15.6.5).",
            _bad_gateway_is_the_upgrade,
        ),
        Misconception(
            "wss not asked",
            "You do not look at `wss`. Where it works and `ws` does not, somebody on the way changes plain "
            "HTTP.",
            _wss_not_asked,
        ),
        Misconception(
            "wss asked first",
            "You ask for `wss` before you look for 502 to 504. A proxy that reaches no server says so "
            "itself, however the other way goes.",
            _wss_first,
        ),
        Misconception(
            "no answer asked first",
            "You ask for the 0 before you look at `wss`. Where `wss` is answered, somebody is there, and "
            "plain HTTP is what gets lost.",
            _no_answer_first,
        ),
        Misconception(
            "502 alone",
            "You name 502 alone. A proxy that gets no answer in time says 504, and one that knows of no "
            "server that is well says 503 (RFC 9110 §15.6.4, §15.6.5).",
            _only_502,
        ),
        Misconception(
            "200 taken for success",
            "You take 200 for success. A WebSocket opens with 101 and nothing else; 200 is a page (§4.1).",
            _ok_is_enough,
        ),
        Misconception(
            "400 alone",
            "You name a lost upgrade for 400 alone. Servers answer a plain request in many ways: 400, 426, "
            "or 200 with a page.",
            _only_400,
        ),
    ),
)
