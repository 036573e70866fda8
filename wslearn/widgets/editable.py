"""What widgets share whose traits are edited on the page: one edit at a time, and a word about a bad one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from traitlets import Unicode

from wslearn.errors import UsageError
from wslearn.spans import visible
from wslearn.widgets.base import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Editable"]


class Editable(Widget):
    """A widget that answers to an edit of a trait ``some`` with its method ``_edit_some``.

    That method may set any trait, and sets off no other edit by it. A `UsageError` that it raises is shown
    as `problem`, and the trait stays as it was typed. Edits come one at a time, though JupyterLab may
    bring them on another thread than the one on which cells run.

    Parameters
    ----------
    edited
        The names of those traits.
    traits
        Their values, and those of others, to begin with.

    Attributes
    ----------
    problem : str
        What is wrong with the last edit, and what to do; empty where nothing is.
    """

    problem = Unicode().tag(sync=True)

    def __init__(self, edited: Sequence[str], **traits: Any) -> None:
        super().__init__(**traits)
        self._lock = threading.RLock()
        self._editing = False
        self.observe(self._edited, names=list(edited))

    def _edited(self, change: dict[str, Any]) -> None:
        with self._lock:
            if self._editing:
                return
            self._editing = True
            try:
                with self.hold_sync():
                    self.problem = self._attempt(change["name"], change["new"])
            finally:
                self._editing = False

    def _attempt(self, name: str, value: Any) -> str:
        try:
            getattr(self, f"_edit_{name}")(value)
        except UsageError as error:
            return visible(error.args[0])
        return ""
