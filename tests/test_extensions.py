"""The grammar of Sec-WebSocket-Extensions (RFC 6455 §9.1)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidHeaderFormat
from websockets.headers import parse_extension

from tests.cost import growth
from wslearn import ExtensionOffer, HandshakeError
from wslearn.extensions import parse_extensions
from wslearn.http import MAX_HEAD_SIZE

LEGAL: list[tuple[str, list[ExtensionOffer]]] = [
    ("", []),
    (" ,\t, ", []),
    ("foo", [ExtensionOffer("foo")]),
    ("foo,bar", [ExtensionOffer("foo"), ExtensionOffer("bar")]),
    (", foo ,\t,bar,", [ExtensionOffer("foo"), ExtensionOffer("bar")]),
    ("foo;a", [ExtensionOffer("foo", (("a", None),))]),
    ("foo \t; a\t=\tb , bar", [ExtensionOffer("foo", (("a", "b"),)), ExtensionOffer("bar")]),
    ("foo; a=1; a=2; b", [ExtensionOffer("foo", (("a", "1"), ("a", "2"), ("b", None)))]),
    ('foo; a="b"', [ExtensionOffer("foo", (("a", "b"),))]),
    (r'foo; a="\b\c"; d', [ExtensionOffer("foo", (("a", "bc"), ("d", None)))]),
    ("!#$%&'*+-.^_`|~", [ExtensionOffer("!#$%&'*+-.^_`|~")]),
]
ILLEGAL = [
    ";",
    "=",
    "foo;",
    "foo;;a",
    "foo; a=",
    "foo; a==b",
    "foo; a=b c",
    "foo; a b",
    "foo bar",
    "foo=bar",
    "foo; =b",
    '"foo"',
    'foo; a="',
    'foo; a="b',
    'foo; a="b\\"',
    'foo; a="b"c',
    "foo; a='b,c'; d=(e)",
    "foo/bar",
    "föö",
    "foo; é=1",
    "foo\x00",
]
# §9.1: "the value after quoted-string unescaping MUST conform to the 'token' ABNF"
NOT_A_TOKEN = ['foo; a=""', 'foo; a="b c"', 'foo; a="b,c"', 'foo; a="b;c"', r'foo; a="b\"c"', 'foo; a="é"']

tokens = st.text("!#$%&'*+-.^_`|~09AZaz", min_size=1, max_size=10)
offers = st.builds(ExtensionOffer, tokens, st.lists(st.tuples(tokens, st.none() | tokens)).map(tuple))


class TestSection91Extensions:
    @pytest.mark.parametrize(("value", "expected"), LEGAL)
    def test_legal(self, value: str, expected: list[ExtensionOffer]) -> None:
        assert parse_extensions(value) == expected

    @pytest.mark.parametrize("value", ILLEGAL + NOT_A_TOKEN)
    def test_illegal(self, value: str) -> None:
        with pytest.raises(HandshakeError) as caught:
            parse_extensions(value)
        assert (caught.value.status, caught.value.section) == (400, "§9.1")

    @pytest.mark.parametrize(
        ("value", "at"), [("foo bar", 4), ("foo, ;", 5), ('foo; a="b c"', 8), ("foo; a=", 6)]
    )
    def test_says_where(self, value: str, at: int) -> None:
        with pytest.raises(HandshakeError, match=f"at character {at}: "):
            parse_extensions(value)

    @given(st.lists(offers))
    def test_what_is_written_reads_back(self, listed: list[ExtensionOffer]) -> None:
        assert parse_extensions(", ".join(map(str, listed))) == listed

    @settings(max_examples=400)
    @given(st.lists(st.sampled_from(["foo", "b", ";", "=", '"', ",", " ", "\t", "\\", "é"])).map("".join))
    def test_agrees_with_websockets(self, value: str) -> None:
        """Only of a list without elements it says that it is none; here that is the handshake's to say."""
        try:
            seen = [(offer.name, list(offer.parameters)) for offer in parse_extensions(value)]
        except HandshakeError:
            seen = None
        try:
            expected = parse_extension(value.strip())
        except InvalidHeaderFormat:
            expected = None
        if expected is None and not value.strip(" \t,"):
            expected = []
        assert seen == expected


class TestHostileInput:
    """Security: no value makes the grammar look at it again and again."""

    @pytest.mark.parametrize(
        ("start", "filler", "end"),
        [
            ('a; b="', "\\\\", ""),
            ('a; b="', "\\", ""),
            ('a; b="', "x", ""),
            ("a", " ", "b"),
            ("a;", " ", ";"),
            ("a;b", "\t", "c"),
            ("a; b=", " ", "="),
            ("", ",", ";"),
            ("", "a,", ";"),
            ("a", ";a", ";"),
            ("a", ";a=a", "="),
            ("a", ';a="a"', '"'),
            ("a", ";a ", "b"),
        ],
    )
    def test_cost_is_linear(self, start: str, filler: str, end: str) -> None:
        def refuse(size: int) -> None:
            with pytest.raises(HandshakeError):
                parse_extensions(start + filler * (size // len(filler)) + end)

        assert growth(refuse, MAX_HEAD_SIZE, 8 * MAX_HEAD_SIZE) < 32
