"""KernelSocketView: the notebook's own WebSocket, as the page that shows it sees it."""

from __future__ import annotations

from typing import Any

from traitlets import Dict, List, Unicode

from wslearn.picture_card import card, row, verdict_bar, words
from wslearn.widgets.base import Widget

__all__ = ["KernelSocketView"]

SUBPROTOCOL = "v1.kernel.websocket.jupyter.org"
PATH = "/api/kernels/…/channels"

# What the page fills in: a key of its own, then name, what is known without a page, meaning, section, kind.
_ROWS = (
    (
        "url",
        "URL",
        f"ws://…{PATH}",
        "Host and port are those of this page: one port, HTTP and WebSocket.",
        "§3",
        "http",
    ),
    (
        "protocol",
        "subprotocol",
        SUBPROTOCOL,
        "What JupyterLab and its server agreed on in the handshake.",
        "§1.9",
        "opcode",
    ),
    ("extensions", "extensions", "", "What else they agreed on.", "§9.1", "flags"),
    ("state", "state", "", "It was opened with the notebook, and stays open.", "§4.1", "length"),
    (
        "up",
        "to the kernel",
        "",
        "Messages since this picture was drawn: code to run goes this way.",
        "§5.6",
        "key",
    ),
    (
        "down",
        "from the kernel",
        "",
        "What it prints and shows, and when it is busy, comes back unasked.",
        "§5.6",
        "payload",
    ),
)
_FIELDS = ("key", "name", "value", "meaning", "section", "kind")
_ABSENT = (
    "This page holds no such WebSocket: it is not JupyterLab, or the kernel is somewhere else. "
    "In JupyterLab the picture shows the page's own."
)


class KernelSocketView(Widget):
    """The WebSocket between a JupyterLab page and its kernel, while it works.

    JupyterLab keeps it to itself. So the page sends a word to the kernel, as it does for every widget, and
    looks on while that is sent: the socket that carries the word is the one. It says its URL, what was
    agreed on in its handshake, and how many messages go each way.

    Attributes
    ----------
    word : str
        What the page sent to find it.
    seen : dict
        ``path``, ``protocol``, ``extensions``, ``same`` (whether host and port are the page's) and ``size``
        of the message that carried the word, in bytes; empty until it is found.
    rows, subprotocol, absent
        The words of the picture, the subprotocol that is expected, and what is said where there is none.

    Examples
    --------
    >>> KernelSocketView()
    <KernelSocketView: /api/kernels/…/channels>
    """

    word = Unicode().tag(sync=True)
    seen: Dict[str, Any] = Dict().tag(sync=True)
    rows: List[dict[str, str]] = List([dict(zip(_FIELDS, each, strict=True)) for each in _ROWS]).tag(
        sync=True
    )
    absent = Unicode(_ABSENT).tag(sync=True)

    def __repr__(self) -> str:
        return f"<KernelSocketView: {PATH}>"

    def still(self) -> str:
        """Draw what is the same for every JupyterLab."""
        known = [
            row(each["name"], each["value"], each["meaning"], each["section"], f"wsl-{each['kind']}")
            for each in self.rows
            if each["value"]
        ]
        said = "Open this notebook in JupyterLab and run it: then this shows the page's own connection."
        body = f'<div class="wsl-part">{words(known)}</div>'
        return card(
            "The notebook’s own WebSocket", "seen from the page", body, verdict_bar("–", "still", said, "")
        )
