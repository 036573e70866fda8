"""A server filled with idle connections: what each costs in memory, descriptors and processor time.

`Filling` runs a server and a crowd of clients, each in a process of its own. `fill` does it once, for a
server of your choice, and `Beside` shows several of them.
"""

from wslearn.labs.filling.filling import NAMES, Filling, fill
from wslearn.labs.filling.result import Beside, Cost, Filled, Stage, size

__all__ = ["NAMES", "Beside", "Cost", "Filled", "Filling", "Stage", "fill", "size"]
