"""Files: text and tables become the model's types, or every problem at once."""

from evaluator.files.rounds import load_round, round_language
from evaluator.files.rubrics import load_rubric, load_rubric_file

__all__ = ["load_round", "load_rubric", "load_rubric_file", "round_language"]
