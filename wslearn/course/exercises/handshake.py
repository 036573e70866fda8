"""Exercises of lesson 02: the opening handshake (RFC 6455 §4).

The key and the Connection header are here, the rest in `wslearn.course.exercises.opening`.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.opening.answer import CHECK_ANSWER
from wslearn.course.exercises.opening.negotiation import CHOOSE_SUBPROTOCOL, PARSE_EXTENSIONS
from wslearn.course.exercises.opening.request import BUILD_REQUEST
from wslearn.course.exercises.opening.server import REQUEST_STATUS
from wslearn.handshake import GUID, accept_key
from wslearn.http import Headers
from wslearn.vectors import HANDSHAKE_KEY

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["EXERCISES"]

LESSON = "02_handshake"


# ------------------------------------------------------------------------------------------ accept_key


def _keys() -> SearchStrategy[tuple[str]]:
    from hypothesis import strategies as st

    return st.tuples(st.binary(min_size=16, max_size=16).map(lambda key: base64.b64encode(key).decode()))


def _decoded_first(key: str) -> str:
    digest = hashlib.sha1(base64.b64decode(key) + GUID.encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def _guid_first(key: str) -> str:
    digest = hashlib.sha1((GUID + key).encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def _hexadecimal(key: str) -> str:
    digest = hashlib.sha1((key + GUID).encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(digest.encode()).decode()


def _no_base64(key: str) -> str:
    return hashlib.sha1((key + GUID).encode(), usedforsecurity=False).hexdigest()


def _without_guid(key: str) -> str:
    return base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest()).decode()


def _line_feed(key: str) -> str:
    return accept_key(key) + "\n"


def _written_out(key: str) -> str:
    return str(accept_key(key).encode())


def _bytes_not_text(key: str) -> bytes:
    return accept_key(key).encode()


ACCEPT_KEY = Exercise(
    model=accept_key,
    lesson=LESSON,
    section="RFC 6455 §4.2.2",
    examples=((HANDSHAKE_KEY,), ("AAAAAAAAAAAAAAAAAAAAAA==",)),
    inputs=_keys,
    hints=(
        "Four steps: put the key and the GUID together, encode the text, hash it, write the hash as text.",
        "The key stays text: nobody decodes it. `hashlib.sha1(data).digest()` gives the hash's 20 bytes.",
        "`base64.b64encode(digest)` gives bytes; the header's value is text: `.decode()`.",
        "`base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()`",
    ),
    misconceptions=(
        Misconception(
            "the key decoded before hashing",
            "You decoded the key before hashing it. The key is hashed as the text that stands in the header, "
            "base64 and all (§4.2.2, item 5.4).",
            _decoded_first,
        ),
        Misconception(
            "the GUID before the key",
            "You put the GUID in front of the key. It is appended: key, then GUID (§4.2.2, item 5.4).",
            _guid_first,
        ),
        Misconception(
            "the hexadecimal digest",
            "You encoded the hexadecimal form of the hash. base64 takes the 20 bytes themselves: "
            "`digest()`, not `hexdigest()`.",
            _hexadecimal,
        ),
        Misconception(
            "no base64",
            "You give the hash in hexadecimal. The header carries it in base64 (§4.2.2, item 5.4).",
            _no_base64,
        ),
        Misconception(
            "the key without the GUID",
            "You hash the key alone. The GUID is appended first: it is what shows that the server knows this "
            "protocol (§4.2.2, item 5.4).",
            _without_guid,
        ),
        Misconception(
            "a line feed at the end",
            "Your text ends with a line feed. `base64.encodebytes` adds it, as mail wants it; "
            "`base64.b64encode` does not.",
            _line_feed,
        ),
        Misconception(
            "bytes, not text",
            "You return bytes. `base64.b64encode` gives bytes; a header's value is text: `.decode()` it.",
            _bytes_not_text,
        ),
        Misconception(
            "bytes written out",
            "Your text begins with `b'`: `str(…)` writes out how bytes look in Python. To make text of them, "
            "`.decode()` them.",
            _written_out,
        ),
    ),
)


# ----------------------------------------------------------------------------------- connection_tokens


def connection_tokens(value: str) -> list[str]:
    """List the elements of a Connection header, in lower case (RFC 9110 §5.6.1, §7.6.1).

    Parameters
    ----------
    value
        The header's value, such as ``"keep-alive, Upgrade"``.

    Examples
    --------
    >>> connection_tokens("keep-alive, Upgrade")
    ['keep-alive', 'upgrade']
    """
    return Headers([("Connection", value)]).tokens("Connection")


def _connections() -> SearchStrategy[tuple[str]]:
    from hypothesis import strategies as st

    names = st.sampled_from(("Upgrade", "upgrade", "keep-alive", "Keep-Alive", "TE", "close"))
    parts = st.tuples(st.sampled_from(("", " ", "\t")), names | st.just(""), st.sampled_from(("", " ")))
    return st.tuples(st.lists(parts.map("".join), max_size=4).map(",".join))


CONNECTION_TOKENS = Exercise(
    model=connection_tokens,
    lesson=LESSON,
    section="RFC 6455 §4.2.1, RFC 9110 §5.6.1",
    examples=(
        ("upgrade",),
        ("Upgrade",),
        ("",),
        ("keep-alive,Upgrade",),
        ("keep-alive, Upgrade",),
        ("upgrade , te",),
        ("upgrade,,te",),
        (", \tupgrade,",),
        ("keep-alive Upgrade",),
    ),
    inputs=_connections,
    hints=(
        "Three things may differ from sender to sender: letters' case, blanks, and what stands between.",
        'Cut at the comma alone: `value.split(",")`. Blanks and tabs around an element go: `.strip(" \\t")`.',
        "An element that is empty is no element: a list may hold `,,` or end with a comma.",
        '`[element for part in value.lower().split(",") if (element := part.strip(" \\t"))]`',
    ),
    misconceptions=(
        Misconception(
            "the whole value as one",
            "You took the value for one word. It is a list, with commas between its elements: Firefox sends "
            "`keep-alive, Upgrade` (RFC 9110 §7.6.1).",
            lambda value: [value.lower()],
        ),
        Misconception(
            "the case kept",
            "You kept capitals. The elements of Connection are compared without regard to case, so bring "
            "them into lower case (§4.2.1, item 4).",
            lambda value: [name for part in value.split(",") if (name := part.strip(" \t"))],
        ),
        Misconception(
            "blanks kept",
            "You left the blanks around the elements. `' upgrade'` is not equal to `'upgrade'` "
            "(RFC 9110 §5.6.1).",
            lambda value: value.lower().split(","),
        ),
        Misconception(
            "cut at comma and blank",
            "You cut at a comma with a blank behind it. The blank is optional, and there may be several "
            "(RFC 9110 §5.6.1).",
            lambda value: value.lower().split(", "),
        ),
        Misconception(
            "cut at blanks",
            "You cut at blanks as well. A comma alone separates two elements: `keep-alive Upgrade` is one, "
            "and it does not name upgrade (RFC 9110 §5.6.1).",
            lambda value: value.lower().replace(",", " ").split(),
        ),
        Misconception(
            "every blank taken out",
            "You take out every blank, those inside an element too, and so `up grade` would become "
            '`upgrade`. Only those around an element go: `.strip(" \\t")` (RFC 9110 §5.6.1).',
            lambda value: [part for part in "".join(value.lower().split()).split(",") if part],
        ),
        Misconception(
            "empty elements",
            "You count empty elements. A reader skips them: `a,,b` is a list of two (RFC 9110 §5.6.1.2).",
            lambda value: [part.strip(" \t") for part in value.lower().split(",")],
        ),
        Misconception(
            "cut, and nothing else",
            "You cut the value and left the pieces as they are. Take the blanks off, bring them into lower "
            "case, and drop the empty ones (RFC 9110 §5.6.1).",
            lambda value: value.split(","),
        ),
    ),
    see=(Headers.tokens,),
)


EXERCISES = (
    ACCEPT_KEY,
    CONNECTION_TOKENS,
    BUILD_REQUEST,
    REQUEST_STATUS,
    CHECK_ANSWER,
    CHOOSE_SUBPROTOCOL,
    PARSE_EXTENSIONS,
)
