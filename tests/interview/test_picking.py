"""Which items a drill asks."""

import pytest

from wslearn.errors import UsageError
from wslearn.interview.bank import Card, Decision, Estimate, bank
from wslearn.interview.picking import pick


def test_all_of_a_kind_the_easy_ones_first() -> None:
    found = pick(Estimate)
    assert {each.id for each in found} == {each.id for each in bank() if isinstance(each, Estimate)}
    assert [each.difficulty for each in found] == sorted(each.difficulty for each in found)


def test_by_topic() -> None:
    assert {(type(each), each.topic) for each in pick(Card, topic="masking")} == {(Card, "masking")}


def test_by_their_ids_in_that_order() -> None:
    names = [each.id for each in reversed(pick(Decision))][:3]
    assert [each.id for each in pick(Decision, names)] == names


@pytest.mark.parametrize(
    ("names", "topic", "said"),
    [
        (["no-such"], "", "no item 'no-such'"),
        (
            ["tls-ws-wss"],
            "",
            r"'tls-ws-wss' is of another kind, card\. There are .*scaling-memory-ten-million",
        ),
        ([], "knitting", "no estimate about 'knitting', but about .*, scaling, "),
    ],
)
def test_what_is_not_there(names: list[str], topic: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        pick(Estimate, names, topic)
