"""One node of a cluster, from inside: `node` serves the apps, `desk` tells how it is, `whoami` tries it."""
