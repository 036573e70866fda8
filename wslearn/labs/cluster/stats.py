"""How the nodes of a cluster are, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.labs.bars import Bar, bars, panels
from wslearn.labs.table import columns, figures_table, style
from wslearn.picture_card import card, verdict_bar
from wslearn.spans import count

if TYPE_CHECKING:
    from wslearn.labs.cluster.nodes import NodeStats

__all__ = ["ClusterStats"]

_HEADS = ("", "open", "accepted", "received", "sent", "memory", "descriptors", "CPU")


@dataclass(frozen=True)
class ClusterStats:
    """What the nodes of a cluster said at one time.

    Parameters
    ----------
    policy
        How the balancer chooses.
    names
        All nodes.
    nodes
        Those that run.
    """

    policy: str
    names: tuple[str, ...]
    nodes: tuple[NodeStats, ...]

    def __getitem__(self, name: str) -> NodeStats:
        for node in self.nodes:
            if node.name == name:
                return node
        raise KeyError(f"{name!r} did not run; {', '.join(node.name for node in self.nodes)} did.")

    @property
    def open(self) -> dict[str, int]:
        """The open connections of each node; of one that does not run, 0."""
        return {name: sum(node.open for node in self.nodes if node.name == name) for name in self.names}

    def rows(self) -> list[tuple[str, ...]]:
        """Give the table: a row of headings, then one for each node."""
        running = {node.name: node for node in self.nodes}
        return [
            _HEADS,
            *(
                _row(running[name]) if name in running else (f"{name} (stopped)", *"–" * (len(_HEADS) - 1))
                for name in self.names
            ),
        ]

    @property
    def summary(self) -> str:
        """One sentence."""
        total = sum(self.open.values())
        return f"{count(total, 'connection')} on {count(len(self.nodes), 'node')}, by {self.policy}."

    def __repr__(self) -> str:
        return "\n".join([*columns(self.rows()), self.summary])

    def _repr_html_(self) -> str:
        hues = ["payload" if name in {node.name for node in self.nodes} else "fault" for name in self.names]
        chart = bars(
            "open connections",
            [Bar(name, hue, number) for (name, number), hue in zip(self.open.items(), hues, strict=True)],
        )
        table = figures_table(self.rows(), hues)
        stopped = len(self.names) - len(self.nodes)
        verdict = ("✗", "not all") if stopped else ("✓", "all")
        return card(
            "Cluster",
            self.policy,
            f'{style()}<div class="wsl-part">{panels([chart])}{table}</div>',
            verdict_bar(*verdict, self.summary, f"{count(stopped, 'node')} stopped" if stopped else ""),
        )


def _row(node: NodeStats) -> tuple[str, ...]:
    return (
        node.name if node.state == "ready" else f"{node.name} ({node.state})",
        f"{node.open:,}",
        f"{node.accepted:,}",
        f"{node.received:,}",
        f"{node.sent:,}",
        f"{node.memory / 2**20:.1f} MiB",
        f"{node.descriptors:,}",
        f"{node.cpu:.2f} s",
    )
