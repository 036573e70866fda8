"""KernelSocketView in Python: what a notebook keeps of it."""

from __future__ import annotations

import inspect

from jupyter_server.services.kernels.connection import channels

from tests.markup import picture
from tests.notebooks.faults import PASSING
from wslearn.widgets.kernel_socket_view import PATH, SUBPROTOCOL, KernelSocketView


def test_what_is_kept_is_the_same_for_all_and_names_no_kernel() -> None:
    first, second = KernelSocketView(), KernelSocketView()
    first.word, first.seen = "wslearn 1", {"path": "/lab/api/kernels/…/channels"}
    assert first.still() == second.still()
    assert repr(first) == repr(second) == f"<KernelSocketView: {PATH}>"
    assert not any(pattern.search(first.still()) for pattern in PASSING.values())


def test_it_shows_what_is_known_without_a_page() -> None:
    said = picture(KernelSocketView().still()).text
    for known in (PATH, SUBPROTOCOL, "Open this notebook in JupyterLab"):
        assert known in said


def test_the_subprotocol_is_the_one_that_the_server_of_jupyter_speaks() -> None:
    assert f'"{SUBPROTOCOL}"' in inspect.getsource(channels)
