"""Exercises of lesson 09: whose page, whose user, how fast."""
