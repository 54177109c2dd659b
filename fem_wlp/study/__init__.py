"""Many variants of a package: which ones, what each answers, and a table of all.

package and [study] → Study: parameters, plan, recorded keys → points → (evaluator, journal) → Answers → report
"""

from .conduct import sweep
from .evaluators import BatchEvaluator, Evaluator, figures_of
from .journal import Journal
from .loop import run, run_batches
from .outcome import Answer, Answers
from .question import Study, study_of

__all__ = [
    "Answer",
    "Answers",
    "BatchEvaluator",
    "Evaluator",
    "Journal",
    "Study",
    "figures_of",
    "run",
    "run_batches",
    "study_of",
    "sweep",
]
