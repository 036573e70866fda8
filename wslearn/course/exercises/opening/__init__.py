"""Lesson 02 has more exercises than fit into one file: here are those after the first two."""
