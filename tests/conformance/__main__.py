"""Run the Autobahn testsuite against wslearn: all 517 cases, in both roles.

It prints a table for each role and every case that is not clean, keeps the suite's own
pages in ``reports/``, and exits with 1 unless every case is there and clean.
"""

import argparse
import asyncio
import shutil
import sys
from pathlib import Path

from tests.conformance.suite import FULL, SHORT, faults, fuzz_client, fuzz_server, table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--short", action="store_true", help="only the cases that `make test` runs")
    parser.add_argument("--role", choices=["server", "client"], help="one role only")
    parser.add_argument("--reports", type=Path, default=Path("reports"), help="where the pages go")
    options = parser.parse_args()
    selection = SHORT if options.short else FULL
    clean = True
    for role in [options.role] if options.role else ["server", "client"]:
        print(f"wslearn as {role}, {sum(selection.owed.values())} cases:", flush=True)
        folder = options.reports / role
        shutil.rmtree(folder, ignore_errors=True)  # an old report must not be taken for this run's
        if role == "server":
            verdicts = fuzz_server(selection, folder)
        else:
            verdicts = asyncio.run(fuzz_client(selection, folder))
        found = faults(verdicts, selection)
        print(table(verdicts), *found, sep="\n", end="\n\n", flush=True)
        clean = clean and not found
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
