"""Exercises of lesson 04: byte by byte, in one XOR, and in pieces."""
