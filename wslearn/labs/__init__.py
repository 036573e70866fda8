"""What lessons 01, 10, 11 and 12 run: four ways to push, seven applications, a cluster, and proxies.

=====================  ===================================================================================
lesson 01              `realtime`: the four ways, measured and raced
lesson 10              `apps`, and what they stand on: `feed`, `inbox`, `conflation`, `prices`, `gauge`,
                       `machine`, `season`, `matches`, `once`
lesson 11, one node    `filling`: full of idle connections; `measured`, `scaling`, `capacity`: to millions
lesson 11, many nodes  `cluster`: each is a `node` with its `desk` and `whoami`; from outside they are
                       `nodes`, behind a `balancer`, before a `broker`; clients: `crowds`, `crowd`,
                       `member`; what is tried: `experiments`
between nodes          `backplane`, `follower`
lesson 12              `proxies`, `http2`, `line`, on `streams`
programs of others     `keeper`, `programs`, `caddy`, `asking`
figures                `table`, `bars`, `files`
=====================  ===================================================================================
"""
