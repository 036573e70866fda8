"""Nodes behind a balancer, with a broker between them, all on this machine: `cluster` starts them."""

from wslearn.labs.cluster.nodes import Node, NodeStats
from wslearn.labs.cluster.running import Cluster, cluster
from wslearn.labs.cluster.stats import ClusterStats

__all__ = ["Cluster", "ClusterStats", "Node", "NodeStats", "cluster"]
