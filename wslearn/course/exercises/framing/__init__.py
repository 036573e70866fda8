"""Exercises of lesson 03: the first byte, a header, a length, a whole frame, the first two bytes."""
