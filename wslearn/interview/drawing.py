"""Which questions a mock interview asks: of the chosen kinds and topics, as many as its time holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from wslearn.errors import UsageError
from wslearn.interview.bank import TOPICS, Decision, Design, Estimate, Short, bank, kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from random import Random

__all__ = ["MINUTES", "MIX", "Timed", "chosen", "draw"]

#: The items that take minutes; the others are over in seconds.
Timed = Short | Decision | Estimate | Design

#: How long a mock interview may be.
MINUTES = (15, 30, 45)

#: The kinds that it asks, and what share of the time each one has where nothing else is said.
MIX = {"short": 4.0, "decision": 3.0, "estimate": 2.0, "design": 6.0}

# A question may take so much more than its kind's share: a longer one would leave no room for the others.
_OVER = 1.6


def chosen(
    minutes: int, mix: Mapping[str, float] | Iterable[str] | None, topics: Iterable[str] | None
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Check what was asked for; give the mix and the topics in their own order.

    Parameters
    ----------
    minutes
        One of `MINUTES`.
    mix
        Kinds, which then share the time as in `MIX`, or shares of your own by kind; none for all kinds.
    topics
        What to ask about: one topic or several, none for all.

    Raises
    ------
    UsageError
        For other minutes, for a kind or a topic that there is not, and where nothing is left to ask.

    Examples
    --------
    >>> chosen(15, {"design": 1, "short": 2}, ["tls", "frames"])
    ({'short': 2.0, 'design': 1.0}, ('frames', 'tls'))
    >>> chosen(15, ["decision"], "tls")
    ({'decision': 3.0}, ('tls',))
    """
    if minutes not in MINUTES:
        raise UsageError(f"A mock interview takes 15, 30 or 45 minutes; not {minutes!r}.")
    mix = MIX if mix is None else mix
    shares = dict(mix) if isinstance(mix, Mapping) else {kind: MIX.get(kind, 0.0) for kind in mix}
    about = {topics} if isinstance(topics, str) else set(TOPICS if topics is None else topics)
    for what, given, known in (("kind", set(shares), MIX), ("topic", about, TOPICS)):
        if unknown := sorted(given - set(known)):
            raise UsageError(f"There is no {what} {unknown[0]!r} to choose, but {', '.join(known)}.")
    if not about or any(share < 0 for share in shares.values()) or not any(shares.values()):
        raise UsageError("Choose a topic, and a kind with a share above zero.")
    kinds = {kind: float(shares[kind]) for kind in MIX if shares.get(kind)}
    return kinds, tuple(topic for topic in TOPICS if topic in about)


def draw(
    minutes: int,
    mix: Mapping[str, float],
    topics: Collection[str],
    random: Random,
    asked: Mapping[str, int] | None = None,
) -> tuple[Timed, ...]:
    """Draw the questions: no kind far above its share, and what was asked least first.

    They come as an interviewer asks them: the easy ones first, designs at the end.

    Parameters
    ----------
    minutes
        How much time there is.
    mix, topics
        What to ask, as `chosen` gives them.
    random
        Decides between questions that are equally good.
    asked
        How often each item was asked before, by its id.

    Raises
    ------
    UsageError
        When nothing of that fits into the time.

    Examples
    --------
    >>> from random import Random
    >>> drawn = draw(15, {"short": 1}, ["frames", "scaling"], Random(7))
    >>> {each.topic for each in drawn} == {"frames", "scaling"}, sum(each.minutes for each in drawn) <= 15
    (True, True)
    """
    share = {kind: minutes * part / sum(mix.values()) for kind, part in mix.items()}
    pool = [each for each in bank() if isinstance(each, Timed) and _of(each, mix, topics)]
    random.shuffle(pool)
    before, about, used = Counter(asked), Counter[str](), Counter[str]()
    drawn: list[Timed] = []

    def worth(each: Timed) -> tuple[float, int, int]:
        kind = kind_of(each)
        return used[kind] - share[kind], before[each.id], about[each.topic]

    while fitting := [
        each for each in pool if each.minutes <= min(minutes - used.total(), _OVER * share[kind_of(each)])
    ]:
        best = min(fitting, key=worth)
        pool.remove(best)
        drawn.append(best)
        about[best.topic] += 1
        used[kind_of(best)] += best.minutes
    if not drawn:
        raise UsageError(
            f"Nothing of that fits into {minutes} minutes: choose more time, more kinds or more topics."
        )
    return tuple(sorted(drawn, key=lambda each: (isinstance(each, Design), each.difficulty)))


def _of(each: Timed, mix: Mapping[str, float], topics: Collection[str]) -> bool:
    return kind_of(each) in mix and each.topic in topics
