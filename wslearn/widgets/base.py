"""What every widget shares: its files, its name in a notebook, and the still picture it leaves behind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import anywidget

__all__ = ["Widget", "style_of"]

_HERE = Path(__file__).parent


class Widget(anywidget.AnyWidget):
    """A picture that answers to mouse and keyboard.

    A subclass in ``some_view.py`` is drawn by ``some_view.js`` and ``some_view.css``, behind ``base.js``,
    ``base.css`` and the style of the still pictures, so that both look the same. Its state is traits: what
    is sent otherwise is lost when it comes before the picture is drawn, or when the page is loaded again.
    What some widgets have in common stands in files of its own, which these name in `shares`.

    It says what it shows in `__repr__`, and draws it without JavaScript in `still`: that is what a saved
    notebook keeps, and what is seen on paper or on a web page.
    """

    shares: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        name = cls.__module__.rpartition(".")[2]
        # anywidget gives each instance a class of its own, which brings these two along as traits.
        if "_esm" not in vars(cls) and (_HERE / f"{name}.js").exists():
            parts = ("base", *cls.shares, name)
            cls._esm = "\n".join(_read(_HERE / f"{part}.js") for part in parts)
            css = [_HERE.parent / "picture.css", *(_HERE / f"{part}.css" for part in parts)]
            cls._css = "\n".join(_read(path) for path in css if path.exists())
        super().__init_subclass__(**kwargs)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def still(self) -> str:
        """Draw what is shown now as HTML, without JavaScript."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**data, "text/plain": repr(self), "text/html": self.still()}, metadata


def style_of(module: str) -> str:
    """Give a widget's own style sheet, for its still picture.

    Parameters
    ----------
    module
        The widget's ``__file__``.
    """
    sheet = re.sub(r"/\*.*?\*/", "", _read(Path(module).with_suffix(".css")))
    return f"<style>{' '.join(sheet.split())}</style>"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
