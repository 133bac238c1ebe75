"""Evaluator turns a selection panel's marks into an exact ranking and printable reports.

A round folder (applicants, reviewers, marks and a rubric, all plain text) goes in; one frozen evaluation comes
out, calculated without binary floating point, and everything that is printed or exported is drawn from that
evaluation alone. The work is done by :mod:`evaluator.workflow`; the command line is :mod:`evaluator.cli`.
"""

__version__ = "0.1.0"
