"""Lesson 10 has an exercise for each of its apps: here they are."""
