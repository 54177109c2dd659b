"""A joint that is cut between ball and land: its two sides feel nothing of each other.

A side resists its plate's strain and curvature only; a shift, a tilt or a rise of the whole side costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from ..elasticity.harmonic import HarmonicSpace
from .condense import (
    CellModel,
    CellState,
    assembled,
    axial_fields,
    bare_plate,
    disc_rows,
    film_stress,
    lateral_fields,
    layers_of,
    middles,
    planar_fields,
    quadratic,
)
from .element import JointElement
from .section import JointSection

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SideFields:
    """What a side's elasticity alone decides.

    Parameters
    ----------
    space
        Mesh of the side.
    elasticity
        Stiffness of its elements, shape (ne, 6, 6) [MPa].
    upright
        Fields of unit (w, e, k) of its plate, shape (n, 3).
    axial, planar
        Stiffness on (e, k) in harmonics 0 and 2, shape (2, 2) [N mm, N mm^2, N mm^3].
    pulled
        Mean shift and rotation of the footprint on the chip where a unit stress pulls at each layer's side facing +x,
        shape (2, layers) [mm/MPa, 1/MPa]; none on the board's side, NaN where it wasn't asked for.
    """

    space: HarmonicSpace
    elasticity: Floats
    upright: Floats
    axial: Floats
    planar: Floats
    pulled: Floats


@dataclass(frozen=True)
class Side:
    """One side of a cut joint at one temperature.

    Parameters
    ----------
    fields
        What its elasticity decides.
    load
        Thermal load on (e, k), shape (2,) [N mm, N mm^2].
    moved
        Motion of the footprint on the chip where the layers' side facing +x is free, shape (2,) [mm, rad]; NaN where
        it wasn't asked for.
    """

    fields: SideFields
    load: Floats
    moved: Floats


@dataclass(frozen=True)
class Severed:
    """Both sides of a joint that is cut at its land."""

    section: JointSection
    chip: Side
    board: Side

    @cached_property
    def element(self) -> JointElement:
        """The joint's element, in which nothing passes from chip to board."""
        sides, levels, middle = (self.chip, self.board), self.section.levels, middles(self.section)
        nothing = np.zeros((1, 1))
        footprint = np.eye(4)
        footprint[0, 1] = levels.chip - middle["chip"]
        footprint[2, 3] = -middle["board"]
        return JointElement(
            lateral=np.zeros((4, 4)),
            axial=block_diag(*(part for side in sides for part in (nothing, side.fields.axial))),
            axial_load=np.concatenate([part for side in sides for part in (np.zeros(1), side.load)]),
            planar=block_diag(*(side.fields.planar for side in sides)),
            footprint=footprint,
            edge_load=np.zeros(4),
            edge_footprint=np.concatenate([self.chip.moved, np.zeros(2)]),
            height=levels.chip,
        )


def severed_joints(model: CellModel, states: Sequence[CellState], known: Sequence[Severed] = ()) -> tuple[Severed, ...]:
    """Cut a joint at several temperatures; elasticity that is that of another, or of one that is known, is free."""
    done = list(known)
    for state in states:
        chip = chip_side(model, state, [one.chip for one in done])
        done.append(Severed(model.section, chip, board_side(model, state, [one.board for one in done])))
    return tuple(done[len(known) :])


def chip_side(
    model: CellModel,
    state: CellState,
    known: Iterable[Side] = (),
    planar: Floats | None = None,
    footprint: bool = True,
) -> Side:
    """Condense the chip's side of a cut joint.

    Parameters
    ----------
    model, state
        The whole cell.
    known
        Sides at other temperatures or with another history: fields of the same elasticity are taken over, if they tell
        what is wanted.
    planar
        Its stiffness in harmonic 2, where that of another elasticity is good enough.
    footprint
        Whether the motion of the footprint under the layers' stress is wanted; it is NaN otherwise.
    """
    section = model.section
    elements, space = model.space.part(*section.chip_side)
    side, own = CellModel(section, space), state.of(elements)
    fields, load = _condensed(side, own, "chip", known, planar, footprint)
    return Side(fields, load, fields.pulled @ -film_stress(side, own))


def board_side(model: CellModel, state: CellState, known: Iterable[Side] = ()) -> Side:
    """Condense the board's side of a cut joint, likewise."""
    elements, space = model.space.part(*model.section.board_side)
    fields, load = _condensed(CellModel(model.section, space), state.of(elements), "board", known)
    return Side(fields, load, np.zeros(2))


def _condensed(
    side: CellModel,
    state: CellState,
    plate: str,
    known: Iterable[Side],
    planar: Floats | None = None,
    footprint: bool = True,
) -> tuple[SideFields, Floats]:
    """Return fields and thermal load of one side."""
    bare = bare_plate(side.mesh, side.section, state, plate)
    alike = (one.fields for one in known if one.fields.space.same(side.space))
    told = (one for one in alike if not (footprint and np.isnan(one.pulled).any()))
    fields = next((one for one in told if np.array_equal(one.elasticity, state.elasticity)), None)
    if fields is not None:
        system = assembled(side.space, state, 0)
    else:
        upright = axial_fields(side, state, (plate,))
        system = upright.system
        if planar is None:
            planar = quadratic(planar_fields(side, state, (plate,))) - bare.planar
        axial = (quadratic(upright) - bare.axial)[1:, 1:]
        pulled = _pulled(side, state, footprint) if plate == "chip" else np.zeros((2, 0))
        # whole arrays, no views: sums over them end in the same last bit in another process
        shapes, axial, planar, pulled = (np.ascontiguousarray(one) for one in (upright.shapes, axial, planar, pulled))
        fields = SideFields(side.space, state.elasticity, shapes, axial, planar, pulled)
    return fields, (fields.upright.T @ system.load - bare.axial_load)[1:]


def _pulled(side: CellModel, state: CellState, wanted: bool) -> Floats:
    """Motion of the footprint under unit pulls."""
    if not wanted:
        return np.full((2, len(layers_of(side.mesh))), np.nan)
    rows = disc_rows(side, "chip", "first_layer", side.section.base_radius)
    return np.asarray(rows @ lateral_fields(side, state, ("chip",)).pulls)
