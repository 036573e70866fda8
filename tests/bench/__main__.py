"""`make bench`: wslearn beside its peers, in the same run. Nothing here passes or fails by time."""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable
from importlib.metadata import version

from tests.bench import codec, over_sockets
from tests.bench.rounds import Figure, show
from wslearn.masking import accelerators

SECTIONS: dict[str, tuple[str, Callable[[bool], list[Figure]]]] = {
    "parse": ("Parsing a masked binary stream, 64 KiB a read", codec.parse),
    "encode": ("Encoding masked binary messages", codec.encode),
    "masking": ("Masking alone", codec.masking),
    "bytewise": ("Fed one byte at a time", codec.bytewise),
    **over_sockets.SECTIONS,
}
PEERS = ("websockets", "wsproto", "aiohttp", "picows", "tornado", "numpy")


def main() -> None:
    """Measure the sections that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer sizes, fewer rounds")
    parser.add_argument("--only", default=",".join(SECTIONS), help="which of %(default)s, with commas")
    options = parser.parse_args()
    chosen = options.only.split(",")
    if unknown := set(chosen) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")

    start = time.monotonic()
    print(f"Python {platform.python_version()}; " + ", ".join(f"{peer} {version(peer)}" for peer in PEERS))
    print(f"wslearn masks with: {', '.join(accelerators()) or 'the standard library'}")
    print("Medians of interleaved rounds. Ratio: what the peer costs for each 1 that wslearn costs.")
    short = sum(show(title, measure(options.quick)) for title, measure in map(SECTIONS.__getitem__, chosen))
    print(f"\n{short} short of the bar; {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
