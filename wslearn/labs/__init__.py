"""What lessons 01, 10, 11 and 12 run: four ways to push, seven applications, a cluster, and proxies.

=====================  ===================================================================================
lesson 01              `realtime`: the four ways, measured and raced
lesson 10              `apps`, and the patterns they stand on: `feed`, `inbox`, `conflation`, `once`
lesson 11, one node    `filling`: full of idle connections; `capacity`: from its figures to millions
lesson 11, many nodes  `cluster`: starts them; `node`: one of them, from inside; `crowd`: their clients;
                       `experiments`: what is tried on them
between nodes          `backplane`, `follower`
lesson 12              `proxies`, `http2`, `line`, on `streams`
programs of others     `keeper`, `programs`, `asking`, `caddy`, `certificates`
figures                `table`, `bars`, `files`
=====================  ===================================================================================
"""
