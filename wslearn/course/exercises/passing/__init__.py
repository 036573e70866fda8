"""Exercises of lesson 12: what goes through, what is dropped, and who is to blame."""
