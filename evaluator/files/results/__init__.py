"""Result files of benchmark programs, read as measurements.

:func:`read_results` reads everything in ``evidence/<applicant>/performance``. Each format has its module; which one a
file has is seen from its content. What the fields of a :class:`~evaluator.model.performance.Measurement` hold:

``benchmark``
    The name the file gives it: an lm-eval task, an inspect task (without its package), a HELM run's scenario, a
    LightEval task (without the number of shots), ``dataset`` elsewhere. A rubric lists these names in ``names``.
``metric``
    The name the file gives it, such as ``acc``. Where a file marks in several ways, the way follows after a comma:
    lm-eval's filter unless it is ``none`` (``exact_match,strict-match``), inspect's scorer where there are several.
    A rubric's ``exact_match`` should stand for ``exact_match`` first, and for ``exact_match,<one filter>`` only where
    that is the only one: two filters are two metrics.
``model``, ``version``, ``mode``
    See :mod:`evaluator.files.results.figures` for whose word counts.
``low``, ``high``
    The ends of the scale: as the file states them, as the program defines the metric (``acc`` is a share of 1), or as
    performance.yaml declares them; None where none of these says so, and never guessed from the score.
``n``, ``items``
    Items scored (not trials or epochs), and items the benchmark has according to the file.
``partial``
    Why the run does not cover the benchmark, in words of the file: ``3/2,376``, ``limit=3``, ``status=cancelled``.
``members``
    Names of the benchmarks below a group, through all levels. The members come as measurements of their own.
``measured_by``
    Figures of one key (benchmark, metric, model, version, mode) come once for each measurer. Two by the same measurer
    that say different things are a problem; what only one says is no difference, and the fuller one is kept.
``date``
    The day (UTC) it was measured, as the file or performance.yaml has it; empty where neither does.
``source``
    What was declared as source, then what the file says besides, as ``key=value``, separated by ``; ``. ``model=...``
    is there whenever the file calls the model by another name than ``model``.
"""

from evaluator.files.results.read import read_results

__all__ = ["read_results"]
