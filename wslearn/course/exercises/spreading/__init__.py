"""Exercises of lesson 11: which node, how many, how fast they come."""
