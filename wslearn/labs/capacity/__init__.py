"""From what one connection costs to millions of them: `measured` takes it down, `capacity` carries it on."""

from wslearn.labs.capacity.measured import Measured, measure, measured
from wslearn.labs.capacity.plan import Capacity, Load, Node, capacity

__all__ = ["Capacity", "Load", "Measured", "Node", "capacity", "measure", "measured"]
