"""The pictures: widgets for JupyterLab, each one Python, one JavaScript and one style file."""

from wslearn.widgets.console_view import ConsoleView
from wslearn.widgets.frame_view import FrameView
from wslearn.widgets.mask_view import MaskView
from wslearn.widgets.message_view import MessageView
from wslearn.widgets.race_view import RaceView
from wslearn.widgets.state_view import StateView
from wslearn.widgets.upgrade_view import UpgradeView
from wslearn.widgets.wire_view import WireView

__all__ = [
    "ConsoleView",
    "FrameView",
    "MaskView",
    "MessageView",
    "RaceView",
    "StateView",
    "UpgradeView",
    "WireView",
]
