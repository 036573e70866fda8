"""From the cost of one connection to a plan for millions: how many nodes, and what makes it so many.

Every figure is a product of what was measured, `Measured`, and of what is assumed, `Load` and `Node`. The
assumptions are no facts: they are yours to change. `capacity` shows each figure with its formula.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from math import ceil, floor, isfinite
from typing import Any

from wslearn.errors import UsageError
from wslearn.frames import header
from wslearn.labs.capacity.measured import Measured, measured
from wslearn.labs.capacity.picture import capacity_html, capacity_text
from wslearn.labs.capacity.scaling import nodes_needed

__all__ = ["Capacity", "Load", "Node", "capacity"]

#: Bytes of headers of each packet: IP (RFC 791 §3.1), TCP (RFC 9293 §3.1), its timestamps (RFC 7323 §3.2).
HEADERS = 20 + 20 + 12
_SEGMENT = 1500 - HEADERS  # bytes of a frame that a packet takes on Ethernet
_PING = 8  # bytes in a ping of this library
_GIB = 1 << 30


@dataclass(frozen=True)
class Load:
    """What the clients do.

    Parameters
    ----------
    connections
        How many are open at once.
    said
        Messages that each client sends in a second: 1/60 is one a minute.
    room
        How many clients each message is sent to, its sender among them.
    size
        Bytes of a message, without headers.
    ping_interval
        Seconds between two pings of the server on each connection.
    """

    connections: int = 10_000_000
    said: float = 1 / 60
    room: float = 10
    size: int = 100
    ping_interval: float = 30.0


@dataclass(frozen=True)
class Node:
    """What one node has; as long as nothing fails, only a part of it is used.

    Parameters
    ----------
    memory
        GiB.
    cores
        Processors. One process of Python uses one of them, so a node runs as many.
    files
        Descriptors that each process may open; Linux allows no more than 1,048,576 unless told to.
    network
        Gbit/s in each direction.
    packets
        Packets a second that its network card and kernel take, both directions together.
    share
        The part of all this that is used as long as nothing fails, from 0 to 1.
    price
        What it costs for a month, in any currency; ``None`` leaves the cost out.
    """

    memory: float = 16.0
    cores: int = 4
    files: int = 1_048_576
    network: float = 1.0
    packets: float = 1_000_000
    share: float = 0.5
    price: float | None = None


@dataclass(frozen=True)
class Traffic:
    """What crosses one connection in a second.

    Parameters
    ----------
    down, up
        Bytes from the server and to it, with all headers.
    packets
        Both ways together.
    """

    down: float
    up: float
    packets: float


@dataclass(frozen=True)
class Capacity:
    """The plan: shown as a table in which each figure has its formula.

    Parameters
    ----------
    each
        What one connection costs.
    load, node
        What is assumed.
    window
        Seconds over which clients that lost their node come back.
    ports
        Of one address of the load balancer, for connections to one port of a node.
    """

    each: Measured
    load: Load
    node: Node
    window: float = 60.0
    ports: int = 28_232

    # ----------------------------------------------------------------------------- for one connection

    @property
    def heard(self) -> float:
        """Messages that each client gets in a second: each member of a room hears what each one says."""
        return self.load.said * self.load.room

    @property
    def cpu(self) -> float:
        """Seconds of processor time for each connection in a second."""
        pings = self.each.ping / self.load.ping_interval
        return self.load.said * self.each.receive + self.heard * self.each.delivery + pings

    @cached_property
    def traffic(self) -> Traffic:
        """What crosses each connection in a second; every packet is acknowledged by one without content."""
        pings = 1 / self.load.ping_interval
        down_size, down_packets = wire(self.load.size, masked=False)
        up_size, up_packets = wire(self.load.size, masked=True)
        ping, _ = wire(_PING, masked=False)
        pong, _ = wire(_PING, masked=True)
        said, heard = self.load.said, self.heard
        down = heard * down_size + pings * ping + HEADERS * (said * up_packets + pings)
        up = said * up_size + pings * pong + HEADERS * (heard * down_packets + pings)
        return Traffic(down, up, 2 * (heard * down_packets + said * up_packets + 2 * pings))

    # ----------------------------------------------------------------------------- for one node

    @cached_property
    def holds(self) -> dict[str, int]:
        """How many connections one node holds, as far as each of its parts goes."""
        node, each = self.node, self.each
        parts = {
            "memory": (node.memory * _GIB, each.memory + each.kernel),
            "descriptors": (node.files * node.cores, each.files),
            "processor": (node.cores, self.cpu),
            "network": (node.network * 1e9 / 8, max(self.traffic.down, self.traffic.up)),
            "packets": (node.packets, self.traffic.packets),
        }
        return {name: floor(has * node.share / cost) for name, (has, cost) in parts.items() if cost}

    @cached_property
    def nodes(self) -> int:
        """How many nodes are needed, with one that may fail."""
        return nodes_needed(self.load.connections, self.holds)[0]

    @property
    def binds(self) -> str:
        """Which part of a node makes it so many."""
        return nodes_needed(self.load.connections, self.holds)[1]

    @property
    def on_each(self) -> int:
        """Connections of each node while all run."""
        return ceil(self.load.connections / self.nodes)

    @property
    def addresses(self) -> int:
        """Addresses that the load balancer needs, for ports enough to reach one process of a node."""
        return ceil(self.on_each / self.node.cores / self.ports)

    # ----------------------------------------------------------------------------- when something fails

    @property
    def storm_of_one(self) -> float:
        """Handshakes a second at each other node when one fails and its clients come back over the window."""
        return self.on_each / (self.nodes - 1) / self.window

    @property
    def storm_of_all(self) -> float:
        """Handshakes a second at each node when all clients come back over the window."""
        return self.on_each / self.window

    def busy(self, handshakes: float) -> float:
        """Give the part of a node's processors that so many handshakes a second take; 1 is all of them."""
        return handshakes * self.each.handshake / self.node.cores

    @property
    def shortest_window(self) -> float:
        """Seconds over which all clients must spread for the part of the processors that is kept free."""
        return self.on_each * self.each.handshake / (self.node.cores * (1 - self.node.share))

    # ----------------------------------------------------------------------------- between the nodes

    @property
    def published(self) -> float:
        """Messages a second that come to the nodes, and go to the backplane."""
        return self.load.connections * self.load.said

    @property
    def with_members(self) -> float:
        """Nodes that have a member of a room, on average, when members are spread by chance."""
        missed: float = (1 - 1 / self.nodes) ** self.load.room
        return self.nodes * (1 - missed)

    def gigabits(self, messages: float) -> float:
        """Give the Gbit/s of so many messages a second between nodes: at least a packet each."""
        return messages * (self.load.size + HEADERS) * 8 / 1e9

    @property
    def cost(self) -> float | None:
        """What all nodes cost for a month."""
        return None if self.node.price is None else self.nodes * self.node.price

    def __repr__(self) -> str:
        return capacity_text(self)

    def _repr_html_(self) -> str:
        return capacity_html(self)


def wire(size: int, *, masked: bool) -> tuple[int, int]:
    """Give the bytes on IP, and the packets, of a message that travels alone.

    Examples
    --------
    >>> wire(100, masked=False), wire(100, masked=True), wire(10_000, masked=False)
    ((154, 1), (158, 1), (10368, 7))
    """
    frame = len(header(0x81, size, bytes(4) if masked else None)) + size
    packets = ceil(frame / _SEGMENT)
    return frame + packets * HEADERS, packets


def capacity(each: Measured | None = None, **assumed: Any) -> Capacity:
    """Estimate what it takes to hold ten million connections, or as many as you like.

    Parameters
    ----------
    each
        What one costs; when not given, what was kept last (`wslearn.labs.capacity.measured.measured`).
    **assumed
        What differs from the defaults of `Load`, `Node` and `Capacity`: ``connections``, ``said``, ``room``,
        ``size``, ``ping_interval``; ``memory``, ``cores``, ``files``, ``network``, ``packets``, ``share``,
        ``price``; ``window``, ``ports``.

    Raises
    ------
    UsageError
        When nothing was measured yet, for a name that is none of these, and for a number that cannot be.

    Examples
    --------
    >>> mine = Measured(6000, 4500, 1, 90e-6, 12e-6, 8e-6, 30e-6)
    >>> plan = capacity(mine, connections=1_000_000, memory=8)
    >>> plan.nodes, plan.binds, plan.holds["memory"]
    (4, 'memory', 409044)
    """
    each = measured() if each is None else each
    if each is None:
        raise UsageError(
            "Nothing was measured here yet: run lesson 11, or wslearn.labs.capacity.measured.measure().keep()"
        )
    own = {"window": Capacity.window, "ports": Capacity.ports}
    names = [*(field.name for kind in (Load, Node) for field in fields(kind)), *own]
    if unknown := assumed.keys() - set(names):
        raise UsageError(f"There is no {', '.join(sorted(unknown))} to assume. There is {', '.join(names)}.")
    _check(assumed)
    for_load, for_node = (
        {field.name: assumed[field.name] for field in fields(kind) if field.name in assumed}
        for kind in (Load, Node)
    )
    others = {name: assumed.get(name, default) for name, default in own.items()}
    return Capacity(each, Load(**for_load), Node(**for_node), **others)


def _check(assumed: dict[str, Any]) -> None:
    """Refuse what cannot be: a model is quick to compute nonsense from nonsense."""
    for name, value in assumed.items():
        if name == "price" and value is None:
            continue
        least, most, unit = _RANGES.get(name, (0.0, 1e15, ""))
        fits = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        if not fits or not least <= value <= most or (name not in _MAY_BE_ZERO and value == 0):
            raise UsageError(f"{name} is a number{unit}, not {value!r}.")
        if name in _WHOLE and not isinstance(value, int):
            raise UsageError(f"{name} is a whole number, not {value!r}.")


_MAY_BE_ZERO = frozenset({"said", "price"})
_WHOLE = frozenset({"connections", "size", "cores", "files", "ports"})
_RANGES: dict[str, tuple[float, float, str]] = {
    "share": (0.01, 0.99, " from 0.01 to 0.99"),
    "connections": (1, 1e12, " from 1 on"),
    "room": (1, 1e12, " from 1 on"),
    "size": (1, 1e9, " of bytes from 1 on"),
    "ping_interval": (0.1, 1e6, " of seconds from 0.1 on"),
    "window": (0.1, 1e6, " of seconds from 0.1 on"),
}
