"""The condensed joint: what costs nothing, what is known in closed form, what variants must agree with."""

from __future__ import annotations

import numpy as np
import pytest

from fem_wlp.joint.condense import (
    CellFields,
    CellModel,
    CellState,
    cell_model,
    cell_state,
    condense,
    middles,
    rigid_state,
    softened_state,
    thickened,
)
from fem_wlp.joint.element import JointElement
from fem_wlp.joint.recover import stiffness_between_footprints
from fem_wlp.joint.section import joint_section, with_materials
from fem_wlp.joint.severed import severed_joints
from fem_wlp.materials.model import isotropic
from fem_wlp.mesh.section import Grading
from fem_wlp.package import loads, template

from .sections import COARSE, meshed, post_section

ASSEMBLY, SERVICE = 490.15, 298.15  # [K]

Condensed = tuple[CellModel, CellState, JointElement, CellFields]


@pytest.fixture(scope="module", params=["compliant", "paste"])
def joint(request: pytest.FixtureRequest) -> Condensed:
    """A real joint with soft cylinder and layer, then one with stiff ones."""
    model = cell_model(joint_section(loads(template(request.param))), COARSE)
    state = cell_state(model, ASSEMBLY, SERVICE)
    return (model, state, *condense(model, state))


def rigid_motions(model: CellModel) -> np.ndarray:
    """A shift, and a tilt about the board's upper face, as columns on (u_c, phi_c, u_b, phi_b)."""
    middle = middles(model.section)
    return np.array([[1.0, 0.0, 1.0, 0.0], [middle["chip"], 1.0, middle["board"], 1.0]]).T


def test_rigid_motions_cost_nothing(joint: Condensed) -> None:
    """Shift, tilt and rise of chip and board together, to 1e-9 of the joint's stiffness: round-off of the plates'."""
    model, _, element, _ = joint
    assert np.abs(element.lateral @ rigid_motions(model)).max() < 1e-9 * np.abs(element.lateral).max()
    assert np.abs(element.axial @ [1, 0, 0, 1, 0, 0]).max() < 1e-9 * np.abs(element.axial).max()


def test_thermal_loads_are_self_equilibrated(joint: Condensed) -> None:
    """Nothing pushes the joint as a whole: neither its own expansion nor a free side of its layers; 1e-9."""
    model, _, element, _ = joint
    assert abs(element.axial_load @ [1, 0, 0, 1, 0, 0]) < 1e-9 * np.abs(element.axial_load).max()
    assert np.abs(element.edge_load @ rigid_motions(model)).max() < 1e-9 * np.abs(element.edge_load).max()


def test_a_rigid_tilt_is_read_as_that_tilt_and_no_shift(joint: Condensed) -> None:
    """The rotations psi = phi at both footprints, and u_b - u_c + H psi = 0."""
    model, _, element, _ = joint
    u_c, psi_c, u_b, psi_b = element.footprint @ rigid_motions(model)[:, 1]
    assert (psi_c, psi_b) == pytest.approx((1.0, 1.0), abs=1e-10)
    assert u_b - u_c + element.height * 1.0 == pytest.approx(0.0, abs=1e-10)


def test_reciprocity_of_shift_and_tilt_of_pull_and_bow(joint: Condensed) -> None:
    """The stiffness by the forces that hold the driven fields is symmetric before it is made so: 1e-9."""
    for part in (joint[3].axial, joint[3].lateral, joint[3].planar):
        K = part.shapes.T @ (part.system.stiffness @ part.shapes)
        assert np.abs(K - K.T).max() < 1e-9 * np.abs(K).max()


def test_no_motion_frees_energy(joint: Condensed) -> None:
    """The joint's lateral stiffness has no negative eigenvalue beyond round-off."""
    values = np.linalg.eigvalsh(joint[2].lateral)
    assert values.min() > -1e-9 * values.max()


def test_one_expansion_in_all_parts_loads_nothing(joint: Condensed) -> None:
    """Elastic constants as they are, 20 ppm/K everywhere: plates that expand freely find no resistance; 1e-9."""
    model, state, _, _ = joint
    alike = {}
    for name in model.section.materials:
        C = state.elasticity[model.mesh.elements(name)[0]]
        bulk, shear = (C[0, 0] + 2 * C[0, 1]) / 3, C[4, 4]
        E, nu = 9 * bulk * shear / (3 * bulk + shear), (3 * bulk - 2 * shear) / (6 * bulk + 2 * shear)
        alike[name] = isotropic(name, E, nu, 20e-6)
    other = CellModel(with_materials(model.section, alike), model.space)
    element, _ = condense(other, cell_state(other, 500.0, 400.0))
    strain, middle = -20e-4, middles(model.section)
    # regions with a stress-free temperature of their own are free at it on a host that expands as they do
    free = np.array([middle["chip"] * strain, strain, 0.0, middle["board"] * strain, strain, 0.0])
    assert np.abs(element.axial @ free - element.axial_load).max() < 1e-9 * np.abs(element.axial_load).max()
    assert np.abs(element.edge_load).max() < 1e-9 * np.abs(joint[2].edge_load).max()


def test_a_joint_cut_at_its_land_is_one_with_a_land_of_nothing(joint: Condensed) -> None:
    """Land of 1e-9 of its modulus: the chip's side feels what it feels severed, 1e-4, and no force goes through."""
    model, state, element, _ = joint
    elasticity = state.elasticity.copy()
    elasticity[model.mesh.elements("land")] *= 1e-9
    (severed,) = severed_joints(model, [state])
    cut, vanished = severed.element, condense(model, CellState(elasticity, state.free))[0]
    side = slice(1, 3)
    assert vanished.axial[side, side] == pytest.approx(cut.axial[side, side], rel=1e-4)
    assert vanished.axial_load[side] == pytest.approx(cut.axial_load[side], rel=1e-4)
    assert vanished.planar[:2, :2] == pytest.approx(cut.planar[:2, :2], rel=1e-4)
    assert np.abs(vanished.lateral).max() < 1e-4 * np.abs(element.lateral).max()
    assert np.abs(cut.lateral).max() == np.abs(cut.edge_load).max() == 0.0


def test_a_stretched_mesh_is_as_good_as_a_new_one() -> None:
    """Second layer 75 to 100 um by moving nodes or by meshing anew: stiffness within 0.5 %, the same height."""
    thin, thick = (
        joint_section(loads(template("paste"), {"second_layer.thickness": value})) for value in ("75 um", "100 um")
    )
    stretched, anew = thickened(cell_model(thin, COARSE), 0.025), cell_model(thick, COARSE)
    one, other = (condense(model, cell_state(model, ASSEMBLY, SERVICE))[0] for model in (stretched, anew))
    assert one.height == pytest.approx(other.height, rel=1e-12)
    assert one.lateral == pytest.approx(other.lateral, rel=5e-3)
    assert one.axial[0, 0] == pytest.approx(other.axial[0, 0], rel=5e-3)


def test_softer_and_rigid_states_touch_the_joint_only(joint: Condensed) -> None:
    """Chip, board and the layers beside the joint keep their constants."""
    model, state, _, _ = joint
    beside = np.setdiff1d(np.arange(len(model.mesh.triangles)), model.base_elements)
    for other in (softened_state(model, state, 1e-9), rigid_state(model, state, SERVICE)):
        assert np.array_equal(other.elasticity[beside], state.elasticity[beside])
        assert not np.any(
            np.all(other.elasticity[model.base_elements] == state.elasticity[model.base_elements], axis=(1, 2))
        )
    names = {model.mesh.names[k] for k in np.unique(model.mesh.region[model.base_elements])}
    assert names.isdisjoint({"chip", "board", "second_layer"})
    assert {"first_layer", "base_region", "land"} <= names


# K h/(G A) of a post between ends that are glued to rigid plates and kept from turning, h/d -> nu -> value: finite
# elements of two independent codes agree on it to 0.1 %
SHEAR = {0.5: {0.30: 0.829, 0.49: 0.870}, 1.0: {0.30: 0.632, 0.49: 0.700}}
PULL = {0.30: 1.054, 0.49: 1.185}


@pytest.mark.parametrize("nu", [0.30, 0.49])
@pytest.mark.parametrize("slenderness", [0.5, 1.0])
def test_a_post_between_rigid_plates_has_the_guided_stiffness(slenderness: float, nu: float) -> None:
    """Lateral and axial stiffness between the footprints, whatever cell the post was condensed in: 0.3 %."""
    d, post = 0.2, isotropic("post", 1000.0, nu, 20e-6)
    h, G, A = slenderness * d, 1000.0 / (2 * (1 + nu)), np.pi * d**2 / 4
    model, state = meshed(post_section(d, h, post), Grading())
    axial, lateral, _, torsion = stiffness_between_footprints(model, *condense(model, state))
    assert lateral * h / (G * A) == pytest.approx(SHEAR[slenderness][nu], rel=3e-3)
    assert torsion == pytest.approx(G * np.pi * d**4 / 32 / h, rel=1e-4)  # Coulomb's shaft is exact
    if slenderness == 1.0:
        assert axial * h / (1000.0 * A) == pytest.approx(PULL[nu], rel=3e-3)


def test_a_slender_post_is_a_beam() -> None:
    """Rocking EI/h, lateral 12 EI/h^3 with Cowper's shear, axial EA/h at h/d = 4; bonded ends stiffen by up to 3 %."""
    d, h, E = 0.05, 0.2, 1000.0
    model, state = meshed(post_section(d, h))
    axial, lateral, rocking, _ = stiffness_between_footprints(model, *condense(model, state))
    A, inertia, G, kappa = np.pi * d**2 / 4, np.pi * d**4 / 64, E / 2.6, 6 * 1.3 / (7 + 6 * 0.3)
    assert axial == pytest.approx(E * A / h, rel=0.02)
    assert rocking == pytest.approx(E * inertia / h, rel=0.02)
    assert lateral == pytest.approx(1 / (h**3 / (12 * E * inertia) + h / (kappa * G * A)), rel=0.03)
    assert lateral == pytest.approx(1 / (h**3 / (12 * E * inertia)), rel=0.1)
    assert abs(lateral / (3 * E * inertia / h**3) - 1) > 1  # a cantilever's 3 EI/h^3 would not do


def test_a_post_that_expands_pushes_chip_and_board_apart() -> None:
    """Between plates held at their own expansion, 5 ppm/K, its force is K (alpha_post - alpha_plate) dT h; 3 %.

    The bonded ends of this post of h/d = 10 are kept from expanding sideways too, which adds 2 %.
    """
    d, h = 0.02, 0.2
    model, state = meshed(post_section(d, h))
    element, fields = condense(model, state)
    axial = stiffness_between_footprints(model, element, fields)[0]
    middle, strain = middles(model.section), -5e-4
    free = np.array([middle["chip"] * strain, strain, 0.0, middle["board"] * strain, strain, 0.0])
    force = (element.axial @ free - element.axial_load)[3]
    assert force == pytest.approx(axial * (20e-6 - 5e-6) * 100.0 * -h, rel=0.03)
