"""Many variants of a package: which ones, what each answers, and a table of all.

package and [study] → Study: parameters, plan, recorded keys → points → (evaluator, journal) → Answers → report
"""

from typing import TYPE_CHECKING

from ..door import homes_of, on_first_use

if TYPE_CHECKING:
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

# a question does not wait for what answers it
_HOME = homes_of(
    __name__,
    {
        "conduct": ("sweep",),
        "evaluators": ("BatchEvaluator", "Evaluator", "figures_of"),
        "journal": ("Journal",),
        "loop": ("run", "run_batches"),
        "outcome": ("Answer", "Answers"),
        "question": ("Study", "study_of"),
    },
)
__getattr__ = on_first_use(__name__, _HOME)
