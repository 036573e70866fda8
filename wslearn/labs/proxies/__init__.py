"""Proxies between a client and its server: what they do to a WebSocket, and how a client can tell."""

from wslearn.labs.proxies.backend import backend
from wslearn.labs.proxies.diagnosing import RULES, Diagnosis, Rule, diagnose
from wslearn.labs.proxies.forward import ForwardProxy
from wslearn.labs.proxies.looking import Life, Seen, look
from wslearn.labs.proxies.paths import PATHS, Path, Paths
from wslearn.labs.proxies.sites import SITES, Site, Sites

__all__ = [
    "PATHS",
    "RULES",
    "SITES",
    "Diagnosis",
    "ForwardProxy",
    "Life",
    "Path",
    "Paths",
    "Rule",
    "Seen",
    "Site",
    "Sites",
    "backend",
    "diagnose",
    "look",
]
