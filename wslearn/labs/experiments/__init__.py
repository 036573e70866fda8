"""What lesson 11 tries on a cluster: each experiment is a function, and its result is a table and a picture.

================= ==================================================================================
`late_node`       a node joins late: which policy notices?
`unequal_lives`   some connections last and others do not: which policy shares them out?
`established`     one WebSocket stays on one node, whatever the policy
`polling`         a session of requests that a node remembers, without stickiness and with it
`coming_back`     a client is cut off and comes back: what is still known of it?
`drain`           a node sends its clients away, and they lose nothing
`storm`           a node is killed, and its clients come back at once, or with jitter
`one_room`        one room across all nodes: every message to every member, once, in one order
================= ==================================================================================

Each leaves the cluster as it was: all nodes run, the policy is the one it had, and its clients are gone.
"""

from wslearn.labs.experiments.draining import Drained, drain
from wslearn.labs.experiments.policies import Placement, Placements, late_node, unequal_lives
from wslearn.labs.experiments.rooms import RoomRun, one_room
from wslearn.labs.experiments.sticky import Answered, Answers, coming_back, established, polling
from wslearn.labs.experiments.storm import Storm, Storms, storm

__all__ = [
    "Answered",
    "Answers",
    "Drained",
    "Placement",
    "Placements",
    "RoomRun",
    "Storm",
    "Storms",
    "coming_back",
    "drain",
    "established",
    "late_node",
    "one_room",
    "polling",
    "storm",
    "unequal_lives",
]
