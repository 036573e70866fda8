"""A byte that shows itself as on the wire: two hexadecimal digits."""

from __future__ import annotations

__all__ = ["Octet"]


class Octet(int):
    """One byte; in the call that a check shows, it is written in hexadecimal.

    Examples
    --------
    >>> Octet(129), Octet(129) & 0x0F, str(Octet(129))
    (0x81, 1, '129')
    """

    __str__ = int.__repr__

    def __repr__(self) -> str:
        return f"{int(self):#04x}"
