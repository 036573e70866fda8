"""Seven small applications of real time, each of which teaches one pattern.

=============== ============================================================================
`chat`          rooms: what one says, all get, in one order, once
`notifications` to one person, until they have said that it arrived
`dashboard`     the latest value, at the pace of the screen
`game`          the server decides, in ticks
`editor`        everybody writes, and all copies come out the same (CRDT)
`scores`        only what was subscribed to
`ticker`        a slow reader gets newer prices, not more of them
=============== ============================================================================
"""
