"""What runs in a real browser. As a package it can share one: see `conftest.py`."""
