"""A plan as a table: each figure with the formula that it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslearn.labs.filling.result import size
from wslearn.labs.table import figure, seconds
from wslearn.picture_card import card, row, verdict_bar, words
from wslearn.spans import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslearn.labs.capacity.plan import Capacity

__all__ = ["Line", "capacity_html", "capacity_text", "lines"]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure.

    Parameters
    ----------
    name
        Of what.
    value
        How much.
    formula
        How it comes about.
    hue
        The class of its colour.
    """

    name: str
    value: str
    formula: str
    hue: str = "flags"


def lines(plan: Capacity) -> list[Line]:
    """Give all figures of a plan, in the order in which one leads to the next."""
    return [*_needs(plan), _together(plan), *_storms(plan), *_between(plan), *_cost(plan)]


def _needs(plan: Capacity) -> Iterator[Line]:
    load, node, each, traffic = plan.load, plan.node, plan.each, plan.traffic
    part = f"{node.share:.0%} of"
    formulas = {
        "memory": (
            f"{part} {node.memory:g} GiB ÷ ({size(each.memory)} of the process + {size(each.kernel)} of the "
            f"kernel)"
        ),
        "descriptors": f"{part} {node.cores} processes × {node.files:,} ÷ {each.files:g}",
        "processor": (
            f"{part} {node.cores} cores ÷ ({figure(load.said)}/s said × {seconds(each.receive)} + "
            f"{figure(plan.heard)}/s heard × {seconds(each.delivery)} + a ping of {seconds(each.ping)} each "
            f"{load.ping_interval:g} s)"
        ),
        "network": (
            f"{part} {node.network:g} Gbit/s ÷ {figure(max(traffic.down, traffic.up))} bytes/s: frames, "
            f"TCP/IP headers, acknowledgements; {figure(traffic.down)} down and {figure(traffic.up)} up"
        ),
        "packets": f"{part} {node.packets:,.0f}/s ÷ {figure(traffic.packets)}/s, acknowledgements included",
    }
    for name, held in plan.holds.items():
        binds = name == plan.binds
        nodes = -(-load.connections // held)
        value = f"{held:,} on a node: {count(nodes, 'node')}{', binds' if binds else ''}"
        yield Line(name, value, formulas[name], "length" if binds else "flags")


def _together(plan: Capacity) -> Line:
    return Line(
        "nodes",
        f"{plan.nodes:,}",
        f"{plan.load.connections:,} ÷ {plan.holds[plan.binds]:,}, rounded up, and one more, so that one "
        f"may fail; {plan.on_each:,} connections on each",
        "payload",
    )


def _storms(plan: Capacity) -> Iterator[Line]:
    each, window = seconds(plan.each.handshake), f"{plan.window:g} s"
    one, all_of_them = plan.storm_of_one, plan.storm_of_all
    yield Line(
        "one node fails",
        f"{figure(one)} handshakes/s",
        f"{plan.on_each:,} clients ÷ {plan.nodes - 1:,} other nodes ÷ {window}; "
        f"× {each} ÷ {plan.node.cores} cores = {plan.busy(one):.1%} of a node",
        "opcode",
    )
    yield Line(
        "all come back",
        f"{figure(all_of_them)} handshakes/s",
        f"{plan.on_each:,} clients on each node ÷ {window}; × {each} ÷ {plan.node.cores} cores = "
        f"{plan.busy(all_of_them):.1%} of a node",
        "opcode",
    )
    yield Line(
        "least window",
        f"{seconds(plan.shortest_window)}",
        f"{plan.on_each:,} × {each} ÷ ({plan.node.cores} cores × the {1 - plan.node.share:.0%} kept free); "
        "without TLS, which ends at the load balancer here",
        "opcode",
    )
    yield Line(
        "ports",
        f"{plan.addresses:,} address{'es' * (plan.addresses != 1)}",
        f"of the load balancer: {plan.on_each:,} ÷ {plan.node.cores} processes ÷ {plan.ports:,} ports of "
        "each address",
        "opcode",
    )


def _between(plan: Capacity) -> Iterator[Line]:
    come = plan.published
    yield Line(
        "published",
        f"{figure(come)}/s",
        f"{plan.load.connections:,} × {figure(plan.load.said)}/s said; {figure(plan.gigabits(come))} Gbit/s",
        "key",
    )
    everywhere = come * plan.nodes
    yield Line(
        "backplane, to all",
        f"{figure(everywhere)}/s",
        f"× {plan.nodes:,} nodes, each of which hears everything; {figure(plan.gigabits(everywhere))} Gbit/s",
        "key",
    )
    some = come * plan.with_members
    yield Line(
        "to whom it concerns",
        f"{figure(some)}/s",
        f"× {figure(plan.with_members)} nodes with a member: {plan.nodes:,} × (1 − (1 − 1/{plan.nodes:,})^"
        f"{plan.load.room:g}); {figure(plan.gigabits(some))} Gbit/s",
        "key",
    )


def _cost(plan: Capacity) -> Iterator[Line]:
    if plan.cost is not None and plan.node.price is not None:
        each = plan.cost / plan.load.connections * 1000
        yield Line(
            "cost",
            f"{plan.cost:,.0f} a month",
            f"{plan.nodes:,} nodes × {plan.node.price:,g}; {figure(each)} for a thousand connections",
            "payload",
        )


def _verdict(plan: Capacity) -> str:
    return f"{plan.nodes:,} nodes; what makes it so many: {plan.binds}."


def _title(plan: Capacity) -> str:
    return f"{plan.load.connections:,} connections"


def capacity_text(plan: Capacity) -> str:
    """Write a plan as lines."""
    found = lines(plan)
    name, value = (
        max(len(text) for text in column) for column in zip(*((x.name, x.value) for x in found), strict=True)
    )
    table = [f"{line.name:{name}}  {line.value:{value}}  {line.formula}" for line in found]
    return "\n".join([f"{_title(plan)}: {_verdict(plan)}", *table])


def capacity_html(plan: Capacity) -> str:
    """Draw a plan as a table."""
    rows = [row(line.name, line.value, line.formula, "", f"wsl-{line.hue}") for line in lines(plan)]
    verdict = verdict_bar("–", "estimated", _verdict(plan), "")
    return card(_title(plan), "estimated from your measurements", words(rows), verdict)
