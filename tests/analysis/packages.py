"""Packages solved for the tests; what they are is the dossier's."""

from __future__ import annotations

import pytest

from fem_wlp.analysis import COARSE, job
from fem_wlp.mesh.section import Grading
from fem_wlp.package import Package
from fem_wlp.results import Result


def solved(package: Package, grading: Grading = COARSE) -> Result:
    """Solve a package without its curves, which are most of the work; on the coarse mesh where nothing else is said."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "curves_of", lambda *_: ())
        return job.solve(package, grading=grading)
