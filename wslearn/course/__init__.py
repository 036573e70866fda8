"""The course: exercises that check themselves, predictions, quizzes, and what you have done so far."""

from wslearn.course.checking import check
from wslearn.course.conformance.score import score
from wslearn.course.helping import hint, solution
from wslearn.course.mine.my_connection import my_connection
from wslearn.course.predict import predict
from wslearn.course.progress import progress
from wslearn.course.quiz import quiz

__all__ = ["check", "hint", "my_connection", "predict", "progress", "quiz", "score", "solution"]
