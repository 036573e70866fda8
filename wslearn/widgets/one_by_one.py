"""What widgets share that ask one thing at a time: which is shown, what was answered, what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from traitlets import Dict, Int, List, Unicode

from wslearn.errors import UsageError
from wslearn.widgets.editable import Editable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["OneByOne"]


class OneByOne(Editable):
    """Items that are asked one at a time, each as often as one likes.

    A subclass says what it makes of an answer in `_judged`, what to keep of it in `_keep`, and in `_verdict`
    what stands below the item.

    Parameters
    ----------
    name
        What the items are about.
    items
        As below.
    edited
        The names of the subclass's own traits that are edited on the page.
    traits
        Their values, and those of others, to begin with.

    Attributes
    ----------
    name : str
        As above.
    items : list of dict
        What the page has to know of each item before it is answered.
    at : int
        The index of the item that is shown.
    asked : list
        An answer to judge: the item's index, what was answered, and `turn`, so that an order that comes
        late, or twice, is not obeyed again.
    turn : int
        How many answers there were.
    results : list of dict
        What was made of the last answer to each item, with whether it is ``right``; empty where there was
        none.
    verdict : dict
        ``mark``, ``verdict``, ``text``, ``note``, about the item that is shown.
    """

    shares: ClassVar[tuple[str, ...]] = ("one_by_one",)
    _given: ClassVar[type]  # what an answer is

    name = Unicode().tag(sync=True)
    at = Int().tag(sync=True)
    asked: List[Any] = List().tag(sync=True)

    items: List[dict[str, Any]] = List().tag(sync=True)
    turn = Int().tag(sync=True)
    results: List[dict[str, Any]] = List().tag(sync=True)
    verdict: Dict[str, str] = Dict().tag(sync=True)

    def __init__(
        self, name: str, items: Sequence[dict[str, Any]], edited: Sequence[str] = (), **traits: Any
    ) -> None:
        results: list[dict[str, Any]] = [{} for _ in items]
        super().__init__(("at", "asked", *edited), name=name, items=list(items), results=results, **traits)
        self._show()

    def _judged(self, at: int, given: Any) -> dict[str, Any]:
        """Judge an answer; raise `UsageError` for what is none."""
        raise NotImplementedError

    def _keep(self, at: int, result: dict[str, Any]) -> None:
        """Keep what was answered."""
        raise NotImplementedError

    def _verdict(self, at: int, result: dict[str, Any]) -> dict[str, str]:
        """Say what there is to say about an item; its result is empty as long as it was not answered."""
        raise NotImplementedError

    def _edit_at(self, at: int) -> None:
        self.at = min(max(at, 0), len(self.items) - 1)
        self._show()

    def _edit_asked(self, asked: list[Any]) -> None:
        match asked:
            case [int(at), given, int(turn)] if at in range(len(self.items)) and isinstance(
                given, self._given
            ):
                pass
            case _:
                raise UsageError("An answer is the question, what was chosen, and the turn.")
        if turn != self.turn:
            return
        result = self._judged(at, given)
        self.turn += 1
        self._set_result(at, result)
        self._keep(at, result)

    def _set_result(self, at: int, result: dict[str, Any]) -> None:
        self.results = [result if number == at else old for number, old in enumerate(self.results)]
        self._show()

    def _show(self) -> None:
        self.verdict = self._verdict(self.at, self.results[self.at])
