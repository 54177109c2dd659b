"""What stands between and on the plates besides the resolved joints: layers without a joint, and ideal posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fem_wlp.assembly.cells import FloatArray
from fem_wlp.assembly.plate import Plate
from fem_wlp.elasticity.solve import TOO_FAR_APART
from fem_wlp.errors import SolveError
from fem_wlp.joint.element import JointElement

LARGEST_DEFECT = (1e-6, 1e-10)
"""Largest resistance of an element to rigid motion, as shares of its own and of the plates' stiffness [-]."""

LARGEST_RIGID_DEFECT = 1e-4
"""The same of a rigid joint, as a share of its element's stiffness [-]: what it is made of is stiffer by far than the
element, and round-off counts from there. Its force is told to three digits."""


@dataclass(frozen=True)
class FilmElement:
    """Layers on the chip where no joint stands, per plan area, the bare chip taken off.

    Parameters
    ----------
    axial
        (2, 2) on the chip's mean in-plane strain and curvature (e, k) [N/mm, N, N mm].
    axial_load
        (2,) thermal load; force = axial @ (e, k) - axial_load [N/mm, N].
    planar
        (2, 2) on the deviatoric strain and curvature, (d1, k1) and (d2, k2) [N/mm, N, N mm].
    """

    axial: FloatArray
    axial_load: FloatArray
    planar: FloatArray


@dataclass(frozen=True)
class Film:
    """One wide layer on the chip.

    Parameters
    ----------
    thickness
        [mm].
    offset
        Height of the layer's middle above the chip's mid-plane, negative on the lower face [mm].
    stiffness
        (6, 6) elastic matrix, Voigt order xx, yy, zz, yz, xz, xy [MPa].
    free_strain
        (3,) free strain in x, y, z [-].
    host
        In-plane strain e and curvature k that the chip had when the layer was born on it [-, 1/mm].
    """

    thickness: float
    offset: float
    stiffness: FloatArray
    free_strain: FloatArray
    host: tuple[float, float] = (0.0, 0.0)


def laminate_film(films: Sequence[Film]) -> FilmElement:
    """Return wide layers in plane stress that follow the chip's strain and curvature (Hsueh 2002).

    With Q the plane-stress stiffness, averaged about z, an areal energy of
    ½ ∫ (Q11 + Q22 + 2 Q12)(e + k z')² + ½ (Q11 + Q22 - 2 Q12 + 4 Q66)(d + k_d z')² dz'.
    """
    axial, load, planar = np.zeros((2, 2)), np.zeros(2), np.zeros((2, 2))
    for film in films:
        t, z = film.thickness, film.offset
        stretch, shear, free = plane_terms(film.stiffness, film.free_strain)
        moments = t * np.array([[1.0, z], [z, z**2 + t**2 / 12]])
        axial += stretch * moments
        load += free * moments[0] + stretch * (moments @ film.host)
        planar += shear * moments
    return FilmElement(axial, load, planar)


def plane_terms(C: FloatArray, free_strain: FloatArray) -> tuple[float, float, float]:
    """Return a wide layer's stiffness against in-plane and deviatoric strain, and its thermal load [MPa].

    Parameters
    ----------
    C
        (6, 6) elastic matrix, Voigt order [MPa].
    free_strain
        (3,) free strain in x, y, z [-].
    """
    Q = C[:2, :2] - np.outer(C[:2, 2], C[2, :2]) / C[2, 2]
    stretch = Q[0, 0] + Q[1, 1] + 2 * Q[0, 1]
    shear = (Q[0, 0] + Q[1, 1] - 2 * Q[0, 1] + 4 * C[5, 5]) / 2
    return float(stretch), float(shear), float((Q @ free_strain[:2]).sum())


def post_element(
    k_lateral: float, k_axial: float, k_rocking: float, height: float, thicknesses: tuple[float, float]
) -> JointElement:
    """Return a post without width between chip and board, which costs nothing where both move as one rigid body.

    It springs against the shift of its ends beyond their common tilt, s = u_c' - u_b' - H (phi_c + phi_b)/2, against
    their relative rotation phi_c - phi_b, and against their distance; u' are the displacements on the facing faces.

    Parameters
    ----------
    k_lateral, k_axial
        [N/mm].
    k_rocking
        [N mm/rad].
    height
        H, between the faces [mm].
    thicknesses
        Of chip and board [mm].
    """
    chip, board = thicknesses
    footprint = np.eye(4)
    footprint[0, 1], footprint[2, 3] = -chip / 2, board / 2
    shift = np.array([1.0, -height / 2, -1.0, -height / 2]) @ footprint
    rocking = np.array([0.0, 1.0, 0.0, -1.0])
    stretch = np.array([1.0, 0.0, 0.0, -1.0, 0.0, 0.0])
    return JointElement(
        lateral=k_lateral * np.outer(shift, shift) + k_rocking * np.outer(rocking, rocking),
        axial=k_axial * np.outer(stretch, stretch),
        axial_load=np.zeros(6),
        planar=np.zeros((4, 4)),
        footprint=footprint,
        edge_load=np.zeros(4),
        edge_footprint=np.zeros(4),
        height=height,
    )


def balanced(element: JointElement, chip: Plate, board: Plate, own: float = LARGEST_DEFECT[0]) -> JointElement:
    """Return the element with its resistance to rigid motion, and the resultant of its loads, taken off.

    An element condensed from a cell resists rigid motion by the round-off of the plates' stiffness. That is nothing
    beside a real joint, but much beside one that is a billionth as stiff, and it upsets the balance of forces. Shift
    and tilt are projected out in coordinates that are all displacements.

    Parameters
    ----------
    element
        A joint's.
    chip, board
        The plates.
    own
        Largest resistance that is round-off, as a share of the element's stiffness [-].

    Raises
    ------
    SolveError
        S503 where the resistance is more than round-off.
    """
    arm = element.height + (chip.depth + board.depth) / 2
    scale = np.array([1.0, 1 / arm, 1.0, 1 / arm])
    lateral = _projector(np.array([[1.0, 0.0, 1.0, 0.0], [arm / 2, 1.0, -arm / 2, 1.0]]), scale)
    axial = _projector(np.array([[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]]), np.ones(6))
    result = replace(
        element,
        lateral=lateral @ element.lateral @ lateral.T,
        axial=axial @ element.axial @ axial.T,
        axial_load=axial @ element.axial_load,
        edge_load=lateral @ element.edge_load,
    )
    plates = min(plate.stiffness.max() * plate.thickness for plate in (chip, board))
    for old, new in ((element.lateral, result.lateral), (element.axial, result.axial)):
        defect = np.abs(old - new).max()
        if not defect <= own * np.abs(old).max() + LARGEST_DEFECT[1] * plates:
            raise SolveError(
                "S503", f"a joint resists rigid motion by {defect:.1e} N/mm", where="assembly", hint=TOO_FAR_APART
            )
    return result


def _projector(motions: FloatArray, scale: FloatArray) -> FloatArray:
    """Matrix P for which forces P f do no work in `motions`, nearest to f in scaled coordinates q / scale."""
    N = (motions / scale).T
    P = np.eye(len(scale)) - N @ np.linalg.solve(N.T @ N, N.T)
    projector: FloatArray = P / scale[:, None] * scale
    return projector
