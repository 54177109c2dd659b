"""What stands between and on the plates besides the resolved joints: layers without a joint, and ideal posts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fem_wlp.assembly.cells import FloatArray
from fem_wlp.joint.element import JointElement


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
    """

    thickness: float
    offset: float
    stiffness: FloatArray
    free_strain: FloatArray


def laminate_film(films: Sequence[Film]) -> FilmElement:
    """Return wide layers in plane stress that follow the chip's strain and curvature (Hsueh 2002).

    With Q the plane-stress stiffness, averaged about z, an areal energy of
    ½ ∫ (Q11 + Q22 + 2 Q12)(e + k z')² + ½ (Q11 + Q22 - 2 Q12 + 4 Q66)(d + k_d z')² dz'.
    """
    axial, load, planar = np.zeros((2, 2)), np.zeros(2), np.zeros((2, 2))
    for film in films:
        C, t, z = film.stiffness, film.thickness, film.offset
        Q = C[:2, :2] - np.outer(C[:2, 2], C[2, :2]) / C[2, 2]
        moments = t * np.array([[1.0, z], [z, z**2 + t**2 / 12]])
        axial += (Q[0, 0] + Q[1, 1] + 2 * Q[0, 1]) * moments
        load += (Q @ film.free_strain[:2]).sum() * moments[0]
        planar += (Q[0, 0] + Q[1, 1] - 2 * Q[0, 1] + 4 * C[5, 5]) / 2 * moments
    return FilmElement(axial, load, planar)


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
        height=height,
    )
