"""Trying a server against the RFC, case by case, in the wording of the Autobahn testsuite: see `score`."""
