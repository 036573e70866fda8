"""See a widget as a student sees it: run code in JupyterLab, save pictures of it into reports/."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.browser.chromium import chromium
from tests.browser.lab import WHOLE, jupyterlab
from tests.browser.lesson_page import THEMES
from tests.browser.look import REPORTS
from tests.browser.widget_page import widget_page

WIDTHS = (400, 900, 1600)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.look_widget", description=__doc__)
    parser.add_argument("code", help='such as "from wslearn.widgets import FrameView; FrameView()"')
    parser.add_argument("--to", type=Path, default=REPORTS, help="where the pictures go")
    parser.add_argument("--name", default="widget", help="what their names begin with")
    parser.add_argument("--widths", type=int, nargs="+", default=WIDTHS, help="of the picture, in pixels")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place,
        jupyterlab(Path(place), settings=WHOLE) as lab,
        chromium() as browser,
        widget_page(browser, lab, Path(place)) as tab,
        tab.notebook("look") as page,
    ):
        view = page.show(options.code).first
        for theme in THEMES:
            page.theme(theme)
            for width in options.widths:
                page.width(width)
                print(page.shot(view, options.to / f"{options.name}-{theme}-{width}.png"))
                for line in page.overflow(view):
                    print(f"  {line}")
            for fault in page.axe(view):
                print(f"  axe-core: {fault}")
        complaints = [*page.complaints(), *(f"asked for {url}" for url in browser.leaks())]
    for complaint in complaints:
        print(f"a complaint: {complaint}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
