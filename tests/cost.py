"""What something costs, told without a clock on the wall: memory, calls, and how both grow."""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from wslearn.masking import accelerators

accelerators()  # what is imported when first used is not what the work costs


@dataclass(frozen=True)
class Memory:
    """Bytes that were allocated at most, and still at the end."""

    peak: int
    held: int


def memory(work: Callable[[], object]) -> Memory:
    """Measure the memory that `work` takes; what it returns counts as held."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        result = work()
        held, peak = tracemalloc.get_traced_memory()
        del result
    finally:
        tracemalloc.stop()
    return Memory(peak - before, held - before)


def calls(work: Callable[[], object]) -> int:
    """Count the calls, of Python and of C functions, that `work` makes."""
    count = 0

    def note(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def growth(work: Callable[[int], object], small: int, large: int) -> float:
    """Compare the processor time of two sizes: `large` / `small` when the cost is linear.

    The least of several rounds is taken, which is the one that other programs disturbed least.
    """

    def seconds(size: int) -> float:
        rounds = []
        for _ in range(5):
            start = time.process_time()
            work(size)
            rounds.append(time.process_time() - start)
        return min(rounds)

    return seconds(large) / max(seconds(small), 1e-6)
