"""Print every requirement of RFC 6455 §4–§10: where it is obeyed, what proves it, which lesson teaches it.

It exits with 1 when something is missing, and says what.
"""

import sys
from collections import Counter

from tests.rfc6455.requirements import ROLES, Requirement, faults, load


def table(requirements: list[Requirement]) -> str:
    """Make a row for each, and the counts by section and by role."""
    lines = ["| section | the RFC says | who | where | test | lesson |", "|---|---|---|---|---|---|"]
    for entry in requirements:
        where, test = (", ".join(f"`{name}`" for name in names) for names in (entry.where, entry.test))
        row = (
            f"§{entry.section}", entry.words.replace("|", "\\|"), entry.who,
            where or f"not ours: {entry.not_ours}", test, entry.lesson,
        )  # fmt: skip
        lines.append(f"| {' | '.join(row)} |")
    sections = Counter(entry.section for entry in requirements)
    roles = Counter(entry.who for entry in requirements)
    ours = sum(entry.is_ours for entry in requirements)
    return "\n".join(
        [
            *lines,
            "",
            "by section: " + ", ".join(f"§{section} {count}" for section, count in sections.items()),
            "by role: " + ", ".join(f"{role} {roles[role]}" for role in ROLES),
            f"{len(requirements)} requirements, {ours} of them ours, {len(requirements) - ours} not",
        ]
    )


def main() -> int:
    requirements = load()
    found = list(faults(requirements))
    print(table(requirements), *found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
