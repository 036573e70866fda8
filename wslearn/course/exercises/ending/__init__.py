"""Lesson 06 has more exercises than fit into one file: here are those about closing and coming back."""
