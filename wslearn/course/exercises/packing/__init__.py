"""Exercises of lesson 08: the answer to an offer, a message packed, a message unpacked."""
