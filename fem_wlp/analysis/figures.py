"""Single figures of a package, and no more work than they need: what a study asks of each of its points.

The numbers are those of `solve` to the last digit, from the same functions, and rest on the same certificates: every
system's residual, and the balance of forces and energies of the assembly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from ..assembly.cells import Symmetry
from ..assembly.plate import CondensedPlate, Plate, condense_plate, with_plate
from ..decoupling import critical_joint, decoupling_figures, largest_force_joint
from ..joint.condense import CellModel, CellState, cell_model
from ..joint.forecast import forecast, require_fitting
from ..joint.section import cell_section, grading_of
from ..joint.severed import severed_joints
from ..mesh.plates import PlateMesh
from ..package.model import JointPlace, Package
from ..package.sheared import refuse_one_joint
from ..results import Interconnect, Parts, as_data, plain
from .answer import (
    against_reference,
    at_temperature,
    force_based,
    joint_of,
    joint_result,
    pad_to_pad,
    place_of,
    warpage_of,
)
from .critical import CriticalJoint, critical_joint_of
from .findings import Findings, Meshes, Reference, solved_reference
from .kinds import solve
from .response import (
    Answer,
    Cells,
    Response,
    Surroundings,
    cell_states,
    condensed_cells,
    figure_of,
    on_rough_cell,
    on_rough_plates,
    respond,
    respond_cut,
    respond_rigid,
    respond_severed,
    surroundings,
)
from .trust import certificates_of, discretisation_error, refuse_without_mismatch, require_balance

Floats = NDArray[np.float64]

PLATES_KEPT = 4
"""Condensed plates that are kept from one package to the next: chip and board, at two temperatures [-]."""


def figures(package: Package, keys: Sequence[str]) -> dict[str, float | None]:
    """Return single figures of a package.

    Parameters
    ----------
    package
        What to solve.
    keys
        Dotted paths in ``results.json``, e.g. "decoupling.figure" or "joints.0.shear_force.1".

    Returns
    -------
    dict
        Key → number, None where it is undefined.

    Raises
    ------
    KeyError
        A result of this package has no number of that name.
    WlpError
        As `solve`.
    """
    if package.model.kind == "3d" or package.process:
        return _picked(as_data(solve(package)), keys)
    refuse_one_joint(package)
    fineness = package.model.fineness
    sizes = grading_of(package)
    require_fitting(lambda other: forecast(package, sizes.refined(other / fineness)).alone, fineness)
    with threadpool_limits(limits=1):
        work = _Work(package)
        refuse_without_mismatch(work)
        return _picked(_Lazy(work), keys)


def _picked(tree: Mapping[str, Any], keys: Sequence[str]) -> dict[str, float | None]:
    return {key: _number_at(tree, key) for key in keys}


def _number_at(tree: Any, key: str) -> float | None:
    found = tree
    for step in key.split("."):
        try:
            found = found[int(step) if isinstance(found, list) else step]
        except (IndexError, ValueError, TypeError, KeyError):
            raise KeyError(f"a result of this package has no {key}") from None
    if found is not None and not isinstance(found, int | float):
        raise KeyError(f"{key} is no number")
    return None if found is None else float(found)


class _Work:
    """The steps of a solve, each done when its outcome is first asked for."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.section = cell_section(package)
        self.grading = grading_of(package)
        self.critical = critical_joint(package.array.joints)

    @property
    def joint(self) -> JointPlace:
        return self.package.array.joints[self.critical]

    @cached_property
    def around(self) -> Surroundings:
        return surroundings(self.package, self.section, condensed=_SHELF.condensed)

    @cached_property
    def model(self) -> CellModel:
        return cell_model(self.section, self.grading)

    @cached_property
    def cells(self) -> Cells:
        return condensed_cells(self.model, self.package, cut=False)

    @cached_property
    def coarse(self) -> CellModel:
        return cell_model(self.section, self.grading.refined(0.5))

    @cached_property
    def coarse_states(self) -> tuple[CellState, ...]:
        return cell_states(self.coarse, self.package)

    @cached_property
    def rough(self) -> Cells:
        return condensed_cells(self.coarse, self.package, cut=False)

    @cached_property
    def response(self) -> Response:
        response = respond(self.around, self.package, self.section, self.cells.elements)
        require_balance(response)
        return response

    @cached_property
    def rough_response(self) -> Response:
        return respond(self.around, self.package, self.section, self.rough.elements)

    @cached_property
    def free(self) -> Response:
        return respond_severed(self.around, self.package, self.model, cell_states(self.model, self.package))

    @cached_property
    def rigid(self) -> Response:
        return respond_rigid(self.around, self.package, self.coarse, self.coarse_states)

    @cached_property
    def reference(self) -> Reference | None:
        return solved_reference(self.package, self.around, self.grading.refined(0.5))

    @cached_property
    def local(self) -> CriticalJoint:
        return critical_joint_of(self.package, self.cells, self.response, self.critical)

    @cached_property
    def meshes(self) -> Meshes:
        rough = replace(self.rough, severed=severed_joints(self.coarse, self.rough.states))
        return Meshes(
            Answer(self.response, self.free),
            Answer(self.rough_response, respond_cut(self.around, self.package, rough.severed)),
            on_rough_cell(self.around, self.package, cell_model(self.section, self.grading.refined(0.25))),
            on_rough_plates(self.package, rough),
        )

    @cached_property
    def findings(self) -> Findings:
        return Findings(
            self.package,
            self.around,
            self.cells,
            self.rough,
            self.response,
            self.free,
            self.meshes,
            self.rigid,
            self.reference,
            curves=(),
        )


class _Lazy(Mapping[str, Any]):
    """The tree of ``results.json`` over some work: a branch is made when it is first asked for."""

    def __init__(self, work: _Work, branches: Mapping[str, Any] | None = None) -> None:
        self._work = work
        self._branches = _TREE if branches is None else branches
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            branch = self._branches[name]
            made = _Lazy(self._work, branch) if isinstance(branch, Mapping) else plain(branch(self._work))
            self._made[name] = made
        return self._made[name]

    def __iter__(self) -> Any:
        return iter(self._branches)

    def __len__(self) -> int:
        return len(self._branches)


def _figure(work: _Work) -> float:
    return figure_of(work.response, work.free, work.critical)


def _against_reference(name: str) -> Callable[[_Work], float | None]:
    def read(work: _Work) -> float | None:
        return against_reference(work.rough, work.rough_response, work.reference, work.critical)[name]

    return read


def _joints(work: _Work) -> list[Any]:
    response, free = work.response, work.free
    own = decoupling_figures(response.shift, free.shift)
    places = enumerate(work.package.array.joints)
    return [joint_result(place, response, free, number, own[number]) for number, place in places]


def _largest_force_joint(work: _Work) -> Any:
    joints = work.package.array.joints
    return place_of(joints[largest_force_joint(joints, work.response.change("shear_force"))])


_TREE: Mapping[str, Any] = {
    "decoupling": {
        "figure": _figure,
        "coupling": lambda work: 1.0 - _figure(work),
        "pad_to_pad": lambda work: pad_to_pad(work.response, work.free, work.critical),
        "force_based": lambda work: force_based(work.rough_response, work.rigid, work.critical),
        "force_reduction": _against_reference("force_reduction"),
        "chip_stress_relief": _against_reference("chip_stress_relief"),
        "reference_figure": _against_reference("reference_figure"),
        "critical_joint": lambda work: place_of(work.joint),
        "largest_force_joint": _largest_force_joint,
        "shift_budget": lambda work: work.local.shift_budget(),
        "energy_budget": lambda work: work.local.energy_budget(),
        "at": lambda work: [
            at_temperature(work, index, work.critical) for index in range(len(work.around.temperatures))
        ],
    },
    "joint": lambda work: joint_of(work.cells),
    "joints": _joints,
    "warpage": lambda work: warpage_of(work.response),
    "interconnect": lambda work: Interconnect(work.local.interconnect_strain()),
    "parts": lambda work: Parts(work.local.cylinder_shear_strain(), work.local.ball_stress()),
    "certificates": lambda work: certificates_of(
        work.findings, discretisation_error(work.findings, work.critical), work.local
    ),
}


class _Shelf:
    """Condensed plates of the packages before, to be used again where only joints differ."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], CondensedPlate] = {}

    def condensed(
        self, plate: Plate, places: Floats, pitch: float, symmetry: Symmetry, mesh: PlateMesh, bare: Floats
    ) -> CondensedPlate:
        """Do what `condense_plate` does, or take it from the shelf: it depends on neither height nor expansion."""
        stiffness, joints, blanks = plate.stiffness.tobytes(), places.tobytes(), bare.tobytes()
        key = (plate.outline, plate.thickness, plate.means, stiffness, joints, pitch, symmetry, mesh, blanks)
        found = self._kept.pop(key, None)
        while len(self._kept) >= PLATES_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = found or condense_plate(plate, places, pitch, symmetry, mesh, bare)
        return with_plate(self._kept[key], plate)


_SHELF = _Shelf()
