"""The pictures: widgets for JupyterLab, each one Python, one JavaScript and one style file."""

from wslearn.widgets.frame_view import FrameView

__all__ = ["FrameView"]
