"""See a lesson as a student sees it: run it in JupyterLab and save pictures of it into reports/."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.browser.chromium import chromium
from tests.browser.lab import WHOLE, copied, jupyterlab
from tests.browser.lesson_page import LessonPage
from tests.notebooks.lesson import FOLDER

REPORTS = FOLDER.parent / "reports"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.look", description=__doc__)
    parser.add_argument("notebook", type=Path, help="a lesson such as 03_frames, or any .ipynb file")
    parser.add_argument("--dark", action="store_true", help="in JupyterLab's dark theme")
    parser.add_argument("--width", type=int, default=1200, help="of the window, in pixels")
    parser.add_argument("--height", type=int, default=1600, help="of the window and of each picture")
    parser.add_argument("--to", type=Path, default=REPORTS, help="where the pictures go")
    options = parser.parse_args(arguments)
    path = options.notebook if options.notebook.suffix == ".ipynb" else FOLDER / f"{options.notebook}.ipynb"
    if not path.exists():
        parser.error(f"there is no {path}")
    theme = "dark" if options.dark else "light"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        folder = copied(path.parent, Path(place) / "notebooks")
        with (
            jupyterlab(folder, settings=WHOLE) as lab,
            chromium(options.width, options.height) as browser,
        ):
            lesson = LessonPage(browser.page(), lab).open(path.name, theme)
            lesson.run()
            taken = lesson.screenshots(options.to / f"{path.stem}-{theme}-{options.width}")
    for picture in taken:
        print(picture)
    for complaint in [*browser.complaints, *(f"asked for {url}" for url in browser.leaks())]:
        print(f"the browser complains: {complaint}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
