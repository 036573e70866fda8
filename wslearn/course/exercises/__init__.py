"""The exercises, lesson by lesson: see `wslearn.course.exercise` for what one is made of."""
