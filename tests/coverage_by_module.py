"""Branch coverage: each core module by its own test file alone, 100 %; the edge by the tests of the edge.

Each target has a process of its own, so that no other test can lend it a line.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# The command line, and what it is made of.
COMMANDS = ("cli", "console", "doctor", "wire")
NOT_CORE = {"__init__", "__main__", *COMMANDS}


class Target(NamedTuple):
    """What is covered, by which tests, and the least that will do in percent."""

    source: str
    tests: str
    least: int


def targets() -> list[Target]:
    """List every module of the core, then the edge and the command line."""
    core = sorted({path.stem for path in (ROOT / "wslearn").glob("*.py")} - NOT_CORE)
    return [
        *(Target(f"wslearn/{name}.py", f"tests/test_{name}.py", 100) for name in core),
        Target("wslearn/net/*", "tests/net", 90),
        *(Target(f"wslearn/{name}.py", f"tests/test_{name}.py", 90) for name in COMMANDS),
    ]


def cover(target: Target) -> tuple[bool, str]:
    """Run the tests of one target; return whether they pass and cover it, and what there is to say."""
    run = ["run", "-m", "pytest", "-q", "-p", "no:cacheprovider", target.tests]
    report = ["report", f"--include={target.source}", f"--fail-under={target.least}"]
    said = ""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"COVERAGE_FILE": f"{folder}/coverage"}
        for step in (run, report):
            command = [sys.executable, "-m", "coverage", *step]
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
            )
            said += done.stdout + done.stderr
            if done.returncode:
                return False, f"FAILED  {target.source} by {target.tests}\n{said}"
    return True, f"at least {target.least} %  {target.source} by {target.tests}"


def main() -> int:
    """Cover the targets whose name holds a word of the command line, or all."""
    words = sys.argv[1:] or [""]
    chosen = [target for target in targets() if any(word in target.source for word in words)]
    all_covered = bool(chosen)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for covered, said in pool.map(cover, chosen):
            print(said, flush=True)
            all_covered &= covered
    return 0 if all_covered else 1


if __name__ == "__main__":
    sys.exit(main())
