"""One package solved by two processes, as the page on it says. It needs the environment that bootstrap.py makes."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import numpy as np
import pytest

from fem_wlp.analysis import solve
from fem_wlp.package import load
from fem_wlp.results import as_data

CHECKOUT = Path(__file__).parents[2]
PROGRAMS = CHECKOUT / ".venv-distributed" / "bin"
PAGE = CHECKOUT / "docs" / "distributed.md"

# containers run as root, and may have one core
RUN = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
    "OMP_NUM_THREADS": "1",
}

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (PROGRAMS.parent / "installed").exists(),
        reason="no environment with PETSc and MPI: python3 bootstrap.py distributed makes one where it can",
    ),
]

SPOILED = """
import sys
from fem_wlp import cli
from fem_wlp.distributed import system
operator = system.operator
def stiffer(mesh, tensors, projected):
    from mpi4py import MPI
    return operator(mesh, (1.0 + MPI.COMM_WORLD.rank) * tensors, projected)
system.operator = stiffer
sys.exit(cli.main_across_processes())
"""
"""The program with twice the stiffness in the second process's part."""


def commands() -> list[list[str]]:
    """The page's first run, with the environment's programs where they are."""
    section = PAGE.read_text().split("## A first run")[1]
    block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert block is not None
    return [shlex.split(line.replace(".venv-distributed/bin", str(PROGRAMS))) for line in block[1].splitlines()]


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env={**os.environ, **RUN}, capture_output=True, text=True, timeout=900)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the page's commands were carried out."""
    folder = tmp_path_factory.mktemp("distributed")
    for command in commands():
        done = run(command, folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def both(folder: Path) -> tuple[dict, dict]:
    """The results of two processes, and of this one by a direct solution."""
    words = commands()[-1]
    settings = dict(words[at + 1].split("=", 1) for at, word in enumerate(words) if word == "--set")
    package = load(
        folder / "device.toml",
        {
            **settings,
            "model.kind": "3d",
            "model.extent": words[words.index("--extent") + 1],
            "model.fineness": words[words.index("--fineness") + 1],
            "model.solver": "direct",
        },
    )
    two = json.loads((folder / "device-results" / "results.json").read_text())
    return two, json.loads(json.dumps(as_data(solve(package))))


@pytest.mark.parametrize("quantity", ["shift", "shear_force", "decoupling", "moment"])
def test_two_processes_answer_as_one(both: tuple[dict, dict], quantity: str) -> None:
    """To 1e-8 of the largest one: residuals end at 1e-11, and an eighth's matrix loses three digits."""
    two, one = (np.array([joint[quantity] for joint in result["joints"]]) for result in both)
    assert np.abs(one).max() > 0.0
    np.testing.assert_allclose(two, one, rtol=0.0, atol=1e-8 * np.abs(one).max())


def test_two_processes_find_the_same_figure_and_warpage(both: tuple[dict, dict]) -> None:
    """Joined, severed and on both meshes, to 1e-8; with rigid joints, solved by the first process alone, to 1e-6."""
    two, one = both
    assert two["decoupling"]["figure"] == pytest.approx(one["decoupling"]["figure"], rel=1e-8)
    assert two["decoupling"]["force_based"] == pytest.approx(one["decoupling"]["force_based"], rel=1e-6)
    assert two["warpage"] == pytest.approx(one["warpage"], rel=1e-8)


def test_a_distributed_result_says_so_and_what_is_left(both: tuple[dict, dict], folder: Path) -> None:
    """The residual is that of the operator of one process; 1e-9 is asked, a hundredth of it done."""
    two, _ = both
    run = json.loads((folder / "device-results" / "run.json").read_text())
    assert run["solver"] == "distributed"
    assert min(run["iterations"]) > 0
    assert two["certificates"]["residual"] < 1e-10


def test_a_part_that_is_wrongly_assembled_is_refused(folder: Path) -> None:
    """Twice the stiffness on one process: its iteration ends happily, the operator of one process does not agree."""
    (folder / "spoiled.py").write_text(SPOILED)
    words = [str(PROGRAMS / "python") if word.endswith("fem-wlp-mpi") else word for word in commands()[-1]]
    words.insert(words.index(str(PROGRAMS / "python")) + 1, "spoiled.py")
    done = run([*words, "--out", "spoiled"], folder)
    assert done.returncode == 4
    assert "error[S502]" in done.stderr
    assert not (folder / "spoiled" / "results.json").exists()


def test_a_two_dimensional_model_is_refused(folder: Path) -> None:
    """Every process ends, and none waits for the others."""
    done = run([*commands()[-1][:3], str(PROGRAMS / "fem-wlp-mpi"), "solve", "device.toml", "--out", "flat"], folder)
    assert done.returncode == 2
    assert "error[C208]" in done.stderr
