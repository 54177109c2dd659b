"""A package at one service temperature, and its joint at many values of the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from ..assembly.elements import plane_terms
from ..assembly.plate import CondensedPlate
from ..joint.condense import BarePlate, CellModel, CellState, film_stress, middles
from ..joint.section import JointSection
from ..materials.model import stiffness
from ..package.model import Package
from .assembly import Elements
from .joint import Forms, Groups, ReducedJoint
from .site import Place, Site
from .thickness import error_weights, weights_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Ends = tuple[JointSection, JointSection]
"""Sections of a package at both ends of a parameter in which free strain is linear."""

TO_FORM = np.array([
    [-1.0, 0, 0, 1, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1]
])  # fmt: skip
"""(w_b, e_c, k_c, e_b, k_b), the chip standing still, from (w_c, e_c, k_c, w_b, e_b, k_b)."""


@dataclass(frozen=True)
class Layers:
    """Wide layers on the chip at theta = 1.

    Parameters
    ----------
    groups
        Group of each.
    thickness
        Of each [mm]; that of the second varies.
    top
        Upper face over the chip's mid-plane [mm].
    stretch, shear
        Plane stiffness against in-plane and deviatoric strain [MPa].
    free
        Thermal load of a unit thickness by each of the free strains, shape (1 + x, layers) [MPa].
    released
        Stress that pulls at a free side, likewise [MPa].
    """

    groups: list[int]
    thickness: Floats
    top: Floats
    stretch: Floats
    shear: Floats
    free: Floats
    released: Floats


@dataclass(frozen=True)
class State:
    """A package at one service temperature."""

    chip: CondensedPlate
    board: CondensedPlate
    bare: dict[str, BarePlate]
    layers: Layers
    cells: tuple[CellState, ...]
    joints: tuple[ReducedJoint, ...]
    q_T: Floats


@dataclass(frozen=True)
class Point:
    """The joint at p points of one temperature."""

    forms: Forms
    defects: Forms
    rough: tuple[Forms, Forms]
    whole: Elements
    cut: Elements
    released: Floats
    place: Place
    growth: Floats


def point_of(
    site: Site, state: State, nodes: Floats, theta: Floats, growth: Floats, second: Floats, bounds: bool
) -> Point:
    """Return the joint of ``site`` at any parameters.

    Parameters
    ----------
    site, state, nodes
        What it is reduced from, and the thicknesses at which [mm].
    theta, growth
        Moduli of the groups and amplitudes of free strains, shapes (p, g) and (p, 1 + x) [-].
    second
        Thicknesses of the second layer, shape (p,) [mm].
    bounds
        Whether bounds are asked for.
    """
    place = site.place(second)
    forms, defects, rough = _forms(state, nodes, theta, second, bounds)
    layers, bare, points = state.layers, state.bare, len(theta)
    grown = theta[:, layers.groups]
    released = (growth @ layers.released) * grown
    film = _films(layers, grown, growth, second)
    E, pulls = forms["lateral"], slice(2, forms["lateral"].shape[1] - 4)
    tilt = place.tilt.swapaxes(1, 2)
    plates = block_diag(bare["chip"].axial, bare["board"].axial)
    plates_load = np.concatenate([bare["chip"].axial_load, bare["board"].axial_load])
    plates_planar = block_diag(bare["chip"].planar, bare["board"].planar)
    whole = Elements(
        lateral=tilt @ E[:, :2, :2] @ place.tilt,
        axial=TO_FORM.T @ forms["axial"][:, :5, :5] @ TO_FORM - plates,
        axial_load=-_thermal(forms["axial"], growth) @ TO_FORM - plates_load,
        planar=forms["planar"] - plates_planar,
        edge_load=-np.einsum("pda,pdl,pl->pa", place.tilt, E[:, :2, pulls], released),
        edges=place.edges, height=place.height, **film,
    )  # fmt: skip
    axial, load, planar = np.zeros((points, 6, 6)), np.zeros((points, 6)), np.zeros((points, 4, 4))
    for number, plate in enumerate(("chip", "board")):
        own = slice(3 * number + 1, 3 * number + 3)
        axial[:, own, own] = forms[f"{plate} axial"][:, :2, :2] - bare[plate].axial[1:, 1:]
        load[:, own] = -_thermal(forms[f"{plate} axial"], growth) - bare[plate].axial_load[1:]
        own = slice(2 * number, 2 * number + 2)
        planar[:, own, own] = forms[f"{plate} planar"] - bare[plate].planar
    nothing = np.zeros((points, 4))
    cut = Elements(
        np.zeros((points, 4, 4)), axial, load, planar, nothing, edges=place.edges, height=place.height, **film
    )
    return Point(forms, defects, rough, whole, cut, released, place, growth)


def _thermal(form: Floats, growth: Floats) -> Floats:
    """Forces on the motions of a form by all free strains, shape (p, motions)."""
    motions = form.shape[1] - growth.shape[1]
    return np.asarray(np.einsum("pmx,px->pm", form[:, :motions, motions:], growth))


def _forms(
    state: State, nodes: Floats, theta: Floats, second: Floats, bounds: bool
) -> tuple[Forms, Forms, tuple[Forms, Forms]]:
    """Forms of the joint, bounds of their defects at the nearest thickness, errors of the interpolation."""
    weights = weights_of(second, nodes)
    missing = error_weights(second, nodes) if bounds else np.zeros((2, *weights.shape))
    closest = np.abs(weights).argmax(axis=1)
    moduli, place = np.unique(theta, axis=0, return_inverse=True)  # many points of a grid have the same
    nearest = state.joints[0].nearest(moduli)
    forms: Forms = {}
    defects: Forms = {}
    rough: tuple[Forms, Forms] = ({}, {})
    for k, joint in enumerate(state.joints):
        used, at = _rows(place, weights[:, k] != 0.0)
        own, bounded = _rows(place, bounds & (closest == k))
        if not len(used):
            continue
        needed = np.unique(at)
        near = {name: one[needed] for name, one in nearest.items()}
        asked = np.unique(bounded)
        found, bound = joint.forms(moduli[needed], near, np.searchsorted(needed, asked))
        at, bounded = np.searchsorted(needed, at), np.searchsorted(asked, bounded)
        for name, form in found.items():
            size, form = (len(theta), *form.shape[1:]), form[at]
            forms.setdefault(name, np.zeros(size))[used] += weights[used, k, None, None] * form
            for estimate, weight in zip(rough, missing, strict=True):
                estimate.setdefault(name, np.zeros(size))[used] += weight[used, k, None, None] * form
            defects.setdefault(name, np.zeros(size))[own] = bound[name][bounded]
    return forms, defects, rough


def _rows(place: Integers, chosen: NDArray[np.bool_]) -> tuple[Integers, Integers]:
    """Chosen points, and where their moduli stand."""
    points = np.flatnonzero(chosen)
    return points, place[points]


def _films(layers: Layers, grown: Floats, growth: Floats, second: Floats) -> dict[str, Floats]:
    """Layers where no joint stands, as in `laminate_film`."""
    thickness = np.broadcast_to(layers.thickness, grown.shape).copy()
    if len(layers.groups) > 1:
        thickness[:, 1] = second
    z = layers.top - 0.5 * thickness
    moments = np.array([[thickness, thickness * z], [thickness * z, thickness * (z**2 + thickness**2 / 12)]])
    return {
        "film_axial": np.einsum("abpl,pl,l->pab", moments, grown, layers.stretch),
        "film_load": np.einsum("bpl,pl->pb", moments[0], grown * (growth @ layers.free)),
        "film_planar": np.einsum("abpl,pl,l->pab", moments, grown, layers.shear),
    }


def layers_of(
    site: Site,
    package: Package,
    groups: Groups,
    model: CellModel,
    states: Sequence[CellState],
    ends: Sequence[Ends],
    temperature: float,
) -> Layers:
    """Return the wide layers of a package at a temperature [K].

    Parameters
    ----------
    site, package, groups, model
        The package, what varies together in it, and its mesh.
    states
        Elasticity and free strain as it stands, and what may be added to the free strain.
    ends
        Sections between which that is the difference.
    temperature
        In kelvin.
    """
    section, levels = site.section, site.section.levels
    names = [name for name in ("first_layer", "second_layer") if name in section.materials]
    middle = middles(section)["chip"]
    top = {"first_layer": levels.chip, "second_layer": levels.first_layer}
    thickness = {"first_layer": levels.chip - levels.first_layer, "second_layer": site.own}
    plane = []
    for name in names:
        C = stiffness(section.materials[name], temperature)
        own, *both = (
            one.free_strain(name, package.temperatures.assembly, temperature)
            for one in (section, *(one for pair in ends for one in pair))
        )
        added = [high - low for low, high in zip(both[::2], both[1::2], strict=True)]
        plane.append([plane_terms(C, free) for free in (own, *added)])
    stretches, shears, loads = np.moveaxis(np.array(plane), 2, 0)
    return Layers(
        [next(i for i, group in enumerate(groups.regions) if name in group) for name in names],
        np.array([thickness[name] for name in names]),
        np.array([top[name] - middle for name in names]),
        stretches[:, 0], shears[:, 0], loads.T,
        np.array([-film_stress(model, state) for state in states]),
    )  # fmt: skip
