"""Four ways to push, from one server: polling, long polling, Server-Sent Events and WebSocket.

`compare` delivers the same numbered events in each of them, one after another, and measures what each costs;
`race` delivers them in all at once. `upstream` measures the other direction.
"""

from wslearn.labs.realtime.comparing import compare, race, upstream
from wslearn.labs.realtime.plan import Plan
from wslearn.labs.realtime.process import PushServer
from wslearn.labs.realtime.result import Arrival, Measured, Result
from wslearn.labs.realtime.sse import parse_sse, sse_event

__all__ = [
    "Arrival",
    "Measured",
    "Plan",
    "PushServer",
    "Result",
    "compare",
    "parse_sse",
    "race",
    "sse_event",
    "upstream",
]
