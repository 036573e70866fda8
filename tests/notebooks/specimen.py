"""A lesson in small, in jupytext's percent form: every kind of output that nbval compares, every tag."""

import sys
from pathlib import Path

NAME = "90_specimen"
# What a reader sees as text, the richest first.
KINDS = ("image/svg+xml", "text/html", "text/plain", "stdout", "stderr", "error")

SCRIPT = """\
# %% [markdown]
# # Specimen
#
# **2 minutes.** You will be able to tell a working check from a broken one. Builds on nothing.

# %%
print("one")
print("two")

# %% tags=["exercise"]
import sys

print("to stderr", file=sys.stderr)

# %% tags=["check"]
6 * 7

# %%
from IPython.display import HTML, SVG, display

display(HTML("<b>bold</b>"))

# %%
display(SVG('<svg xmlns="http://www.w3.org/2000/svg"><text y="20">7</text></svg>'))

# %% tags=["raises-exception"]
1 / 0

# %% tags=["nbval-ignore-output"]
import time

print(time.perf_counter_ns())

# %% tags=["hide-input", "quiz"]
assert 1 + 1 == 2
"""


def make(folder: Path, script: str = SCRIPT) -> Path:
    """Make the specimen's notebook in `folder`, the way `python -m tests.notebooks --new` does."""
    from tests.notebooks.__main__ import main

    source = folder / f"{NAME}.py"
    source.write_text(script, encoding="utf-8")
    if main(["--folder", str(folder), "--new", str(source)]) != 0:
        sys.exit("the specimen does not run")
    return source.with_suffix(".ipynb")
