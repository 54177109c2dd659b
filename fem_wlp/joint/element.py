"""The condensed joint: what the assembly needs to know of one joint cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class JointElement:
    """Stiffness and thermal load of one joint between the volume means of chip and board over its p x p cell.

    For a plate, u = <u_x> and phi = <z' u_x>/<z'^2> (z' from its mid-plane; phi = d u_x/d z), likewise in y;
    w = <u_z>; e = <(e_xx + e_yy)/2> and k = <z' (e_xx + e_yy)/2>/<z'^2>. The bare plates' own stiffness is taken
    off, so that layers, interconnect, cylinder, ball, and land enter here only.

    Parameters
    ----------
    lateral
        On q1 = (u_c, phi_c, u_b, phi_b), shape (4, 4) [N/mm, N, N mm]; the same in x and y.
    axial
        On q0 = (w_c, e_c, k_c, w_b, e_b, k_b), shape (6, 6) [N, mm].
    axial_load
        Thermal load, force = axial @ q0 - axial_load, shape (6,) [N, N mm, N mm^2].
    planar
        On the deviatoric in-plane strains (e_c, k_c, e_b, k_b), shape (4, 4) [N mm, N mm^2, N mm^3].
    footprint
        (u_c, psi_c, u_b, psi_b) = footprint @ q1: mean displacements and rotations of the footprints on the chip's
        lower and the board's upper face, shape (4, 4) [-, mm, 1/mm]. A rigid tilt phi gives psi = phi.
    edge_load
        Thermal load on q1 where one side of the cell, facing +x, is a free side of the layers, shape (4,) [N, N mm].
    edge_footprint
        Motion (u_c, psi_c, u_b, psi_b) of the footprints by that side, both plates held, shape (4,) [mm, rad].
    height
        H, between the chip's lower and the board's upper face [mm].
    """

    lateral: Floats
    axial: Floats
    axial_load: Floats
    planar: Floats
    footprint: Floats
    edge_load: Floats
    edge_footprint: Floats
    height: float
