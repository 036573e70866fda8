"""Who gets an event that is about several topics: recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslearn.course.exercise import Exercise, Misconception
from wslearn.course.exercises.using.once import LESSON, SECTION

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["RECIPIENTS", "recipients"]

Followers = dict[str, list[str]]


def recipients(followers: Followers, topics: list[str]) -> list[str]:
    """Give the pages that an event goes to.

    Parameters
    ----------
    followers
        By topic, the pages that have subscribed to it. A topic that nobody has subscribed to may be missing.
    topics
        What the event is about.

    Returns
    -------
    list of str
        Each page that has subscribed to any of the topics, once.

    Examples
    --------
    >>> recipients({"foxes": ["p1", "p2"], "north": ["p1"], "wolves": ["p3"]}, ["foxes", "north", "bears"])
    ['p1', 'p2']
    """
    pages = dict.fromkeys(page for topic in topics for page in followers.get(topic, []))
    return list(pages)


def _subscribed() -> SearchStrategy[tuple[Followers, list[str]]]:
    from hypothesis import strategies as st

    topic = st.sampled_from(("foxes", "north", "wolves"))
    pages = st.lists(st.sampled_from(("p1", "p2", "p3")), max_size=2, unique=True)
    return st.tuples(st.dictionaries(topic, pages, max_size=3), st.lists(topic, max_size=3, unique=True))


def _in_any_order(result: object, *_values: object) -> object:
    """Compare pages, not the order in which they are served; any collection of them will do."""
    return sorted(result) if isinstance(result, list | set | tuple | dict) else result


def _once_for_each_topic(followers: Followers, topics: list[str]) -> list[str]:
    return [page for topic in topics for page in followers.get(topic, [])]


def _of_all_topics(followers: Followers, topics: list[str]) -> list[str]:
    each = [set(followers.get(topic, [])) for topic in topics]
    return sorted(set.intersection(*each)) if each else []


def _all_pages(followers: Followers, _topics: list[str]) -> list[str]:
    return recipients(followers, list(followers))


def _the_first_topic(followers: Followers, topics: list[str]) -> list[str]:
    return recipients(followers, topics[:1])


def _the_first_that_is_followed(followers: Followers, topics: list[str]) -> list[str]:
    return recipients(followers, [topic for topic in topics if topic in followers][:1])


def _the_last_topic(followers: Followers, topics: list[str]) -> list[str]:
    return recipients(followers, topics[-1:])


def _no_key(followers: Followers, topics: list[str]) -> list[str]:
    return list(dict.fromkeys(page for topic in topics for page in followers[topic]))


def _the_others(followers: Followers, topics: list[str]) -> list[str]:
    return recipients(followers, [topic for topic in followers if topic not in topics])


def _topics_as_pages(followers: Followers, topics: list[str]) -> list[str]:
    return [topic for topic in followers if topic in topics]


_MANY = {"foxes": ["p1", "p2"], "north": ["p1"], "wolves": ["p3"]}

RECIPIENTS = Exercise(
    model=recipients,
    lesson=LESSON,
    section=SECTION,
    examples=(
        ({}, []),
        ({"foxes": ["p1"]}, []),
        ({"foxes": ["p1"]}, ["foxes"]),
        ({"foxes": ["p1"]}, ["north"]),
        ({"foxes": ["p1"]}, ["north", "foxes"]),
        ({"foxes": ["p1"], "north": ["p1"]}, ["foxes", "north"]),
        ({"foxes": ["p1"], "north": ["p2"]}, ["foxes", "north"]),
        (_MANY, ["foxes", "north"]),
        (_MANY, ["wolves", "bears"]),
        ({"foxes": []}, ["foxes"]),
    ),
    inputs=_subscribed,
    normal=_in_any_order,
    hints=(
        "An event is about several topics, and a page may follow several of them. It still wants it once.",
        "Do not ask each page: go through the topics of the event, and look up who follows each.",
        "A topic that nobody follows may be missing from the dict: `followers.get(topic, [])`.",
        "A set keeps each page once; so do the keys of a dict, `dict.fromkeys(…)`, which keep their order.",
    ),
    misconceptions=(
        Misconception(
            "once for each topic",
            "A page that follows two topics of the event gets it twice. It is one event: send it once.",
            _once_for_each_topic,
        ),
        Misconception(
            "only who follows all topics",
            "You send it to pages that follow all topics of the event. Who follows the team does not have to "
            "follow the league as well: any of them is enough.",
            _of_all_topics,
        ),
        Misconception(
            "all pages",
            "You send it to every page, for the page to choose. Then a page pays for all that happens "
            "anywhere, and so does the server: that is what topics are to save.",
            _all_pages,
        ),
        Misconception(
            "only the first topic",
            "You look at the first topic of the event alone. Who follows another one of them misses it.",
            _the_first_topic,
        ),
        Misconception(
            "only the first topic that is followed",
            "You stop at the first topic that somebody follows. Who follows another one of them misses it.",
            _the_first_that_is_followed,
        ),
        Misconception(
            "only the last topic",
            "You look at the last topic of the event alone. Who follows another one of them misses it.",
            _the_last_topic,
        ),
        Misconception(
            "a topic that nobody follows",
            "A topic that nobody follows is not in `followers`, and your function raises KeyError. An event "
            "that nobody wants is no fault.",
            _no_key,
        ),
        Misconception(
            "topics given back",
            "You give the topics that somebody follows. Asked for are the pages: they are what `followers` "
            "has behind each topic.",
            _topics_as_pages,
        ),
        Misconception(
            "the others",
            "You send it to those who follow other topics, and not to those who follow these.",
            _the_others,
        ),
    ),
)
