"""Figures that the student measured in a lesson and another lesson goes on with; kept with the progress."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wslearn.course.store import now, store

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["measurement", "record_measurement"]


def record_measurement(name: str, figures: Mapping[str, float | None]) -> None:
    """Keep figures; those kept before under the same name are forgotten.

    Parameters
    ----------
    name
        What was measured: ``"connection"``.
    figures
        The figures by their names.
    """
    store().run(
        (
            """INSERT INTO measurement VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET
                at = excluded.at, figures = excluded.figures""",
            (name, now(), json.dumps(dict(figures))),
        )
    )


def measurement(name: str) -> dict[str, float | None] | None:
    """Give the last figures that were kept under a name, or ``None``.

    Examples
    --------
    >>> record_measurement("speed of light", {"m/s": 299_792_458})
    >>> measurement("speed of light"), measurement("speed of dark")
    ({'m/s': 299792458}, None)
    """
    rows = store().run(("SELECT figures FROM measurement WHERE name = ?", (name,)))
    return json.loads(rows[0]["figures"]) if rows else None
