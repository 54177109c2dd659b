"""Closed forms of the package: chip and board joined by springs, strips or discs, straight or bending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fem_wlp.limits.posts import Floats


@dataclass(frozen=True)
class Plate:
    """Chip or board as a plate.

    Attributes
    ----------
    E, nu : float
        In-plane Young's modulus [MPa] and Poisson's ratio [-].
    thickness : float
        [mm].
    strain : float
        Free thermal strain ``alpha dT`` [-].
    """

    E: float
    nu: float
    thickness: float
    strain: float

    @property
    def membrane(self) -> float:
        """In-plane stiffness ``B = E t / (1 - nu^2)`` [N/mm]."""
        return self.E * self.thickness / (1.0 - self.nu**2)

    @property
    def bending(self) -> float:
        """Bending stiffness ``D = E t^3 / [12 (1 - nu^2)]`` [N mm]."""
        return self.E * self.thickness**3 / (12.0 * (1.0 - self.nu**2))


def two_springs(free: float, assembly: float, joint: float) -> tuple[float, float]:
    """One joint between two bodies that stay straight.

    ``delta = delta0 k_a / (k_a + k_j)``, ``F = k_j delta``; so ``D = D_F = k_a / (k_a + k_j)``.

    Parameters
    ----------
    free : float
        Free mismatch ``delta0`` [mm].
    assembly, joint : float
        Stiffness of chip and board in series ``k_a`` and of the joint ``k_j`` [N/mm].

    Returns
    -------
    shift, force : float
        What the joint must deform by [mm] and its shear force [N].

    Examples
    --------
    >>> two_springs(1e-3, 300.0, 100.0)
    (0.00075, 0.075)
    """
    shift = free * assembly / (assembly + joint)
    return shift, joint * shift


def foundation(joint_stiffness: float, pitch: float) -> float:
    """Joints smeared over the array: shear stress per shift, ``k_j / p^2`` [N/mm^3]."""
    return joint_stiffness / pitch**2


def strip_lag(stiffness: float, membrane: tuple[float, float]) -> float:
    """Reciprocal decay length of the shift, ``beta^2 = k (1/B_1 + 1/B_2)`` [1/mm].

    Parameters
    ----------
    stiffness : float
        Of the smeared joints [N/mm^3].
    membrane : tuple of float
        In-plane stiffness of both plates [N/mm]: ``E t``, with the plane modulus ``E / (1 - nu^2)`` in plane strain.

    Notes
    -----
    Source: W. T. Chen and C. W. Nelson, IBM J. Res. Dev. 23 (1979) 179.
    """
    return float(np.sqrt(stiffness * sum(1.0 / B for B in membrane)))


def strip_decoupling(beta_length: ArrayLike) -> Floats:
    """Decoupling at the end of a strip that stays straight, ``tanh(x)/x``, ``x = beta l`` [-].

    Source: W. T. Chen and C. W. Nelson, IBM J. Res. Dev. 23 (1979) 179.
    """
    x = np.asarray(beta_length, dtype=float)
    return np.asarray(np.divide(np.tanh(x), x, out=np.ones_like(x), where=x > 1e-9))


def scaled_bessel(order: int, x: ArrayLike) -> NDArray[Any]:
    """Modified Bessel function ``exp(-x) I_n(x)`` [-] for integer order and real or complex ``x``, ``Re x >= 0``.

    The mean of ``exp(x (cos t - 1)) cos(n t)`` over half a period; the midpoint rule converges geometrically.

    Source: Abramowitz and Stegun 9.6.19.
    """
    x = np.asarray(x)[..., None]
    points = 40 + int(4.0 * np.sqrt(np.max(np.abs(x), initial=0.0)) + 2.0 * np.max(np.abs(x.imag), initial=0.0))
    angle = np.pi * (np.arange(points) + 0.5) / points
    return np.asarray(np.mean(np.exp(x * (np.cos(angle) - 1.0)) * np.cos(order * angle), axis=-1))


def disc_decoupling(beta_radius: ArrayLike, nu: float) -> Floats:
    """Decoupling at the rim of a disc on a disc that stay flat (equal nu) [-].

    ``D = (1 + nu) q / [x - (1 - nu) q]``, ``q = I_1(x)/I_0(x)``, ``x = beta R``: the rim of ``w = A I_1(beta r)``.

    Parameters
    ----------
    beta_radius : array
        ``beta R`` [-] with ``beta^2 = k (1/B_1 + 1/B_2)``, ``B`` the biaxial plates' ``E t / (1 - nu^2)``.
    nu : float
        Poisson's ratio of both [-].

    Notes
    -----
    Limits: 1 for ``x -> 0``, ``(1 + nu)/x`` for large ``x``.

    Examples
    --------
    >>> disc_decoupling([0.522, 0.763, 1.162, 2.514], 0.28).round(3).tolist()
    [0.95, 0.9, 0.8, 0.5]
    """
    x = np.asarray(beta_radius, dtype=float)
    ratio = scaled_bessel(1, x) / scaled_bessel(0, x)
    denominator = x - (1.0 - nu) * ratio
    return np.asarray(np.divide((1.0 + nu) * ratio, denominator, out=np.ones_like(x), where=x > 1e-9))


def bending_compliance(plates: tuple[Plate, Plate], gap: float) -> float:
    """What bending adds to the in-plane compliance, ``(h1 + h2 + 2 h0)^2 / [4 (D1 + D2)]`` [mm/N].

    Parameters
    ----------
    plates : tuple of Plate
        Chip and board; both take the same curvature.
    gap : float
        ``h0``, between their facing surfaces [mm].

    Notes
    -----
    Source: E. Suhir, J. Appl. Mech. 53 (1986) 657; 56 (1989) 595.
    """
    arm = (plates[0].thickness + plates[1].thickness + 2.0 * gap) / 2.0
    return arm**2 / (plates[0].bending + plates[1].bending)


@dataclass(frozen=True)
class LagState:
    """Answer of two plates joined by a shear layer, at chosen distances from the centre.

    Attributes
    ----------
    place : array
        Distances [mm].
    free : array
        Free mismatch [mm].
    shift : array
        What the layer is sheared by, tilt taken off [mm].
    slope : array
        Common rotation of both plates, ``dw/dr`` [rad].
    pad_to_pad : array
        Shift between the facing surfaces, tilt left in [mm].
    """

    place: Floats
    free: Floats
    shift: Floats
    slope: Floats
    pad_to_pad: Floats

    @property
    def decoupling(self) -> Floats:
        """Shift over free mismatch [-]."""
        return self.shift / self.free

    @property
    def raw_decoupling(self) -> Floats:
        """The same with the tilt left in [-]: what an optical measurement reads."""
        return self.pad_to_pad / self.free


def bent_strip(
    plates: tuple[Plate, Plate], stiffness: float, gap: float, half_length: float, place: ArrayLike
) -> LagState:
    """Strip of chip on a strip of board of the same length, free to bend, in plane strain.

    ``s'' = beta^2 s``, ``beta^2 = k [1/B_1 + 1/B_2 + c^2/(D_1 + D_2)]``, ``s' = -(mismatch strain)`` at the ends.

    Parameters
    ----------
    plates : tuple of Plate
        Chip and board.
    stiffness : float
        Of the smeared joints [N/mm^3].
    gap : float
        Height of the joints [mm].
    half_length : float
        Of the strip [mm].
    place : array
        Distances from the middle [mm].

    Notes
    -----
    Both plates take the same deflection; the layer has no stiffness along itself.

    Source: E. Suhir, J. Appl. Mech. 53 (1986) 657.
    """
    chip, board = plates
    r = np.asarray(place, dtype=float)
    bending = bending_compliance(plates, gap)
    total = 1.0 / chip.membrane + 1.0 / board.membrane + bending
    beta = float(np.sqrt(stiffness * total))
    # free strain along a strip held across: (1 + nu) alpha dT
    mismatch = (1.0 + board.nu) * board.strain - (1.0 + chip.nu) * chip.strain
    wave = np.exp(beta * (r - half_length)) * -np.expm1(-2.0 * beta * r) / (1.0 + np.exp(-2.0 * beta * half_length))
    shift = mismatch * wave / beta
    free = mismatch * r
    arm = (chip.thickness + board.thickness + 2.0 * gap) / 2.0
    slope = (free - shift) * bending / total / arm
    return LagState(r, free, shift, slope, shift + gap * slope)


def bent_disc(
    plates: tuple[Plate, Plate],
    stiffness: float,
    gap: float,
    radius: float,
    outer_radius: tuple[float, float],
    place: ArrayLike,
) -> LagState:
    """Disc of chip on a disc of board, free to bend, joined within a common radius.

    With the layer's shear ``s = u_board - u_chip - c phi``, ``phi = dw/dr`` and ``L = d/dr (1/r) d/dr r``,

        ``B_c L u_c = -k s``,  ``B_b L u_b = k s``,  ``(D_c + D_b) L phi = -k c s``,

    so ``L s = beta^2 s``, ``beta^2 = k [1/B_c + 1/B_b + c^2/(D_c + D_b)]`` and ``s = A I_1(beta r)``; each of the
    three displacements is its share of ``s`` plus a multiple of ``r``. The rim of the joined region carries no
    force and moment but those of the rings of chip and board beyond it.

    Parameters
    ----------
    plates : tuple of Plate
        Chip and board.
    stiffness : float
        Of the smeared joints [N/mm^3].
    gap : float
        Height of the joints, ``h0`` [mm]; ``c = (h_c + h_b)/2 + h0``.
    radius : float
        Of the joined region [mm].
    outer_radius : tuple of float
        Of chip and board [mm], at least `radius`.
    place : array
        Distances from the centre [mm].

    Notes
    -----
    Both plates take the same deflection, and what the joints carry along their axes is not resolved (Suhir's peel
    stress is not self-equilibrated and is left out). Against elastic discs of equal size the shift at the rim
    reads 10 % high at D = 0.2 and 0.3 % at 0.9.

    Sources: E. Suhir, J. Appl. Mech. 53 (1986) 657, for the compliance; S. Timoshenko and S. Woinowsky-Krieger,
    *Theory of Plates and Shells* (1959), for circular plates.

    Examples
    --------
    A stiff layer, G = 1000 MPa and 0.2 mm high:

    >>> plates = Plate(131e3, 0.28, 0.3, 0.0), Plate(22e3, 0.28, 1.0, 1.54e-3)
    >>> rim = bent_disc(plates, 1000 / 0.2, 0.2, 5.0, (5.0, 5.0), [5.0])
    >>> rim.decoupling.round(3).tolist(), rim.raw_decoupling.round(3).tolist()
    ([0.19], [0.348])
    """
    chip, board = plates
    r = np.asarray(place, dtype=float)
    arm = (chip.thickness + board.thickness + 2.0 * gap) / 2.0
    bending = chip.bending + board.bending
    sign = np.array([-1.0, 1.0, -arm])  # what u_chip, u_board and phi add to s
    share = stiffness * sign / [chip.membrane, board.membrane, bending]
    beta = float(np.sqrt(sign @ share))
    share /= beta**2  # field = share * s + linear * r
    x = beta * radius
    rim = np.array([float(scaled_bessel(1, x)), beta * float(scaled_bessel(0, x))])
    slope_at_rim = rim[1] - rim[0] / radius
    from_slope, from_value, free = _rim_conditions(plates, radius, outer_radius)
    uniform = from_slope + from_value
    matrix, load = np.zeros((4, 4)), np.zeros(4)  # unknowns: A and the three linear parts
    matrix[:3, 0] = share * (from_slope * slope_at_rim + from_value * rim[0] / radius)
    matrix[:3, 1:] = np.diag(uniform)
    load[:3] = uniform * free
    matrix[3, 1:] = sign
    amplitude, *linear = np.linalg.solve(matrix, load)
    shift = amplitude * scaled_bessel(1, beta * r) * np.exp(beta * (r - radius))
    slope = share[2] * shift + linear[2] * r
    return LagState(r, (board.strain - chip.strain) * r, shift, slope, shift + gap * slope)


def _rim_conditions(
    plates: tuple[Plate, Plate], radius: float, outer_radius: tuple[float, float]
) -> tuple[Floats, Floats, Floats]:
    """Coefficients of ``u'`` and ``u/r`` at the rim and the free strain, for chip, board and common rotation.

    The edge force ``B (u' + nu u/r)`` is balanced by the ring beyond the joints; moments likewise.
    """
    membrane = np.array([plate.membrane for plate in plates])
    bending = np.array([plate.bending for plate in plates])
    nu = np.array([plate.nu for plate in plates])
    ring = np.array([_ring_stiffness(n, radius, outer) for n, outer in zip(nu, outer_radius, strict=True)])
    from_slope = np.array([*membrane, bending.sum()])
    from_value = np.array([*(membrane * (nu + ring)), bending @ (nu + ring)])
    return from_slope, from_value, np.array([*(plate.strain for plate in plates), 0.0])


def _ring_stiffness(nu: float, inner: float, outer: float) -> float:
    """Edge force of a ring with a free outer edge, per strain ``u/r`` of its inner edge and per ``B`` [-].

    From ``u = a r + b/r``: ``(1 - nu^2)(1 - q) / [1 + nu + (1 - nu) q]``, ``q = (inner/outer)^2``; ``1 - nu`` for an
    endless ring.
    """
    q = (inner / outer) ** 2
    return (1.0 - nu**2) * (1.0 - q) / (1.0 + nu + (1.0 - nu) * q)


def jointed_disc(
    plates: tuple[Plate, Plate],
    stiffness: tuple[float, float],
    gap: float,
    radius: float,
    outer_radius: tuple[float, float],
    place: ArrayLike,
) -> LagState:
    """Disc of chip on a disc of board, each with its own deflection, joined by smeared joints.

    As `bent_disc`, but the joints also stretch: with ``s = u_b - u_c - c_c phi_c - c_b phi_b``,
    ``c = (h + h0)/2``, and the transverse force ``V``, ``(r V)'/r = q (w_c - w_b)``,

        ``B_c L u_c = -k s``,  ``B_b L u_b = k s``,
        ``D_c L phi_c = -k c_c s - V``,  ``D_b L phi_b = -k c_b s + V``,  ``L V = q (phi_c - phi_b)``.

    So ``(s, phi_c - phi_b, V)`` obeys ``L y = A y``: three functions ``I_1(mu r)``, ``mu^2`` the eigenvalues of A.

    Parameters
    ----------
    plates : tuple of Plate
        Chip and board.
    stiffness : tuple of float
        Lateral ``k`` and axial ``q`` of the smeared joints [N/mm^3].
    gap : float
        Height of the joints, ``h0`` [mm].
    radius : float
        Of the joined region [mm].
    outer_radius : tuple of float
        Of chip and board [mm], at least `radius`.
    place : array
        Distances from the centre [mm].

    Returns
    -------
    LagState
        Its slope is the mean of both plates'.

    Notes
    -----
    For ``q`` without limit, Suhir's common deflection. Against square plates with joints one by one, the rim of the
    disc of equal joined area stands for the corner joint: 1 - D within 15 % where the board reaches a pitch or
    more past the joints; at a board flush with the chip 1 - D is 10-25 % low, for a corner is softer than a rim.

    Examples
    --------
    >>> plates = Plate(131e3, 0.28, 0.3, 0.0), Plate(22e3, 0.28, 1.0, 1.54e-3)
    >>> jointed_disc(plates, (500.0, 1e9), 0.2, 5.0, (5.0, 5.0), [5.0]).decoupling.round(3).tolist()
    [0.561]
    """
    chip, board = plates
    r = np.asarray(place, dtype=float)
    modes = _joint_modes(plates, stiffness, gap)
    nu = np.array([chip.nu, board.nu, chip.nu, board.nu])
    outer = np.array([*outer_radius, *outer_radius])
    hold = nu + np.array([_ring_stiffness(n, radius, o) for n, o in zip(nu, outer, strict=True)])
    value = scaled_bessel(1, modes.mu * radius)
    slope = modes.mu * scaled_bessel(0, modes.mu * radius) - value / radius
    matrix = np.zeros((5, 5), dtype=complex)  # edge forces and moments of both plates, transverse force
    matrix[:4, :3] = modes.fields * (slope + np.outer(hold, value) / radius)
    matrix[:4, 3:] = modes.linear * (1.0 + hold)[:, None]
    matrix[4, :3] = modes.lift * value
    load = np.append((1.0 + hold) * [chip.strain, board.strain, 0.0, 0.0], 0.0)
    weight = np.linalg.solve(matrix, load)
    distance = r[..., None]
    waves = scaled_bessel(1, distance * modes.mu) * np.exp((distance - radius) * modes.mu) * weight[:3]
    shift = (waves @ modes.shear).real
    fields = (waves @ modes.fields.T).real + distance * (modes.linear @ weight[3:].real)
    turning = fields[..., 2:].mean(axis=-1)
    return LagState(r, (board.strain - chip.strain) * r, shift, turning, shift + gap * turning)


@dataclass(frozen=True)
class _Modes:
    """Solutions ``I_1(mu r)``, by column: s, V and (u_c, u_b, phi_c, phi_b); and the two that are linear in r."""

    mu: NDArray[Any]
    shear: NDArray[Any]
    lift: NDArray[Any]
    fields: NDArray[Any]
    linear: Floats


def _joint_modes(plates: tuple[Plate, Plate], stiffness: tuple[float, float], gap: float) -> _Modes:
    chip, board = plates
    k, q = stiffness
    arms = (chip.thickness + gap) / 2.0, (board.thickness + gap) / 2.0
    rigidity = np.array([chip.membrane, board.membrane, chip.bending, board.bending])
    sign = np.array([-1.0, 1.0, -arms[0], -arms[1]])
    turn = np.array([0.0, 0.0, 1.0, -1.0])
    # V in units of q/scale, which gives all entries of A one size
    scale = float(np.sqrt(q * (1.0 / chip.bending + 1.0 / board.bending)))
    from_shear, from_lift = k * sign / rigidity, -turn / rigidity * q / scale
    A = [[sign @ from_shear, 0.0, sign @ from_lift], [turn @ from_shear, 0.0, turn @ from_lift], [0.0, scale, 0.0]]
    square, modes = np.linalg.eig(np.array(A))
    fields = (np.outer(from_shear, modes[0]) + np.outer(from_lift, modes[2])) / square
    # neither s nor V nor a difference of rotations: both plates stretch alike, or turn alike about the joints
    linear = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, sum(arms), 1.0, 1.0]]).T
    return _Modes(np.sqrt(square.astype(complex)), modes[0], modes[2], fields, linear)
