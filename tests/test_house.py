"""The plan of the house: who may look at whom, who owns which library, what stands at the door."""

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import fem_wlp
from fem_wlp.errors import MaterialError, WlpError

CHECKOUT = Path(__file__).parent.parent
HOUSE = CHECKOUT / "fem_wlp"

# From the package file to the report; a room may look only at those before it.
STREET = (
    "door",
    "shown",
    "errors",
    "environment",
    "beside",
    "units",
    "materials",
    "package",
    "limits",
    "estimation",
    "mesh",
    "elasticity",
    "solid",
    "joint",
    "assembly",
    "decoupling",
    "results",
    "array",
    "process",
    "analysis",
    "reduced",
    "distributed",
    "study",
    "claim",
    "verification",
    "report",
    "cli",
    "__main__",
)

OWNERS = {
    "pydantic": {"materials", "package", "study"},
    "pydantic_core": {"materials", "package"},
    "tomllib": {"materials", "package"},
    "gmsh": {"mesh"},
    "meshio": {"mesh"},
    "skfem": {"elasticity", "solid", "joint", "assembly", "distributed"},
    "petsc4py": {"distributed"},
    "mpi4py": {"distributed"},
    "numba": {"solid"},
    "pyamg": {"solid"},
    "matplotlib": {"report"},
    "pyvista": {"report"},
    "jinja2": {"report"},
    "argparse": {"cli"},
    "rich": {"cli"},
    "threadpoolctl": {"analysis", "reduced", "solid"},
    "loky": {"beside"},
    "distributed": {"study"},
    "xarray": {"study"},
}

# Distributions that are not named like what they install.
DISTRIBUTIONS = {"skfem": "scikit-fem", "pydantic_core": "pydantic"}

# Libraries without wheels, which bootstrap.py takes from the system.
OF_THE_SYSTEM = {"petsc4py", "mpi4py"}

PUBLIC_NAMES = {
    "__version__",
    # from a file to a result
    "Estimate",
    "Package",
    "Result",
    "estimate",
    "json_schema",
    "load",
    "loads",
    "replace",
    "resolved_toml",
    "solve",
    "template",
    # a stored result, repeated
    "Drift",
    "rerun",
    # finer and finer meshes
    "Convergence",
    "converge",
    "plot_convergence",
    "write_convergence",
    # many variants of a package
    "Answers",
    "Design",
    "Map",
    "Tolerance",
    "tolerance_of",
    "plot_influences",
    "plot_scatter",
    "write_tolerance",
    "Study",
    "design",
    "map_of",
    "plot_front",
    "plot_interval",
    "plot_map",
    "write_design",
    "write_map",
    "plot_study",
    "study_of",
    "sweep",
    "write_study",
    # what the source documents claim
    "Claims",
    "claims",
    # one joint of a package
    "JointLoad",
    "load_joint",
    # materials
    "Material",
    "isotropic",
    "material",
    # the joint cell by itself
    "CellLoad",
    "CellSolution",
    "Grading",
    "HalfDisc",
    "JointCell",
    "Polygon",
    "Reaction",
    "Region",
    "VOID",
    "rectangle",
    "solve_cell",
    # figures and report
    "draw_array",
    "draw_section",
    "plot_array_map",
    "plot_budget",
    "plot_critical",
    "plot_curve",
    "plot_deformed",
    "plot_limits",
    "view",
    "write",
    # refusals
    "ConfigError",
    "ConfigErrors",
    "MaterialError",
    "MeshError",
    "ResourceError",
    "SolveError",
    "TargetError",
    "WlpError",
}


@cache
def modules() -> dict[str, Path]:
    """All modules of the package: dotted name → file."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(CHECKOUT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room(module: str) -> str:
    """The room of a module: the part of its name after the package's own."""
    return [*module.split("."), ""][1]


@cache
def imports(module: str) -> tuple[tuple[str, bool], ...]:
    """What a module imports, as dotted names, and whether it does so inside a function."""
    tree = ast.parse(modules()[module].read_text())
    return tuple((name, inside) for node, inside in statements(tree, False) for name in named(module, node))


def statements(node: ast.AST, inside: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        yield child, inside
        yield from statements(child, inside or isinstance(child, ast.FunctionDef))


def named(module: str, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    source = node.module or ""
    if node.level:
        package = module.split(".") if modules()[module].name == "__init__.py" else module.split(".")[:-1]
        source = ".".join([*package[: len(package) - node.level + 1], *([source] if source else [])])
    # a name imported from a package may itself be a module
    return [f"{source}.{alias.name}" if f"{source}.{alias.name}" in modules() else source for alias in node.names]


def own(module: str) -> list[tuple[str, bool]]:
    return [(name, inside) for name, inside in imports(module) if name.split(".")[0] == "fem_wlp"]


@pytest.mark.parametrize("module", [name for name in modules() if name != "fem_wlp"])
def test_a_room_looks_only_at_those_before_it(module: str) -> None:
    """Data flow one way. A new room must be given its place on the street."""
    assert room(module) in STREET
    for name, _ in own(module):
        assert name == "fem_wlp" or STREET.index(room(name)) <= STREET.index(room(module)), f"{module} imports {name}"


@pytest.mark.parametrize("module", modules())
def test_every_refusal_says_what_to_do(module: str) -> None:
    """Where a fault is raised, its hint is given; a mark that is told nobody has none."""
    kinds = {kind.__name__ for kind in (WlpError, *WlpError.__subclasses__(), MaterialError)}
    for call in ast.walk(ast.parse(modules()[module].read_text())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in kinds:
            told = ast.unparse(call.args[0]) != "_SPOILT"
            assert not told or "hint" in {keyword.arg for keyword in call.keywords}, f"{module}:{call.lineno}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Inside a room too; the package itself loads nothing before it is asked."""
    graph = {module: {name for name, _ in own(module)} - {"fem_wlp"} for module in modules() if module != "fem_wlp"}
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("module", [name for name in modules() if name != "fem_wlp" and room(name) != "cli"])
def test_own_modules_are_imported_at_the_top(module: str) -> None:
    """An import inside a function hides a circle; only the command line may, to answer at once."""
    assert [name for name, inside in own(module) if inside] == []


@pytest.mark.parametrize("module", modules())
def test_a_heavy_library_is_used_by_its_owners_only(module: str) -> None:
    """Whatever is wrong with one of them is wrong in one place."""
    for name, _ in imports(module):
        assert room(module) in OWNERS.get(name.split(".")[0], {room(module)}), f"{module} imports {name}"


def test_every_library_that_is_imported_is_a_declared_dependency() -> None:
    """And none is declared that is not used; what only an extra needs is declared there."""
    used = {name.split(".")[0] for module in modules() for name, _ in imports(module)}
    used -= {*sys.stdlib_module_names, *OF_THE_SYSTEM, "fem_wlp"}
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    declared = (*project["dependencies"], *extras["interactive"], *extras["study"])
    assert {DISTRIBUTIONS.get(name, name) for name in used} == {Requirement(each).name for each in declared}


def test_the_door_opens_without_heavy_libraries() -> None:
    """Help, version and refusals come at once, also where gmsh cannot be loaded."""
    heavy = sorted({*OWNERS, "numpy", "scipy"} - {"argparse"})
    code = f"import fem_wlp, fem_wlp.cli, sys; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def loaded_by(code: str, libraries: set[str]) -> list[str]:
    """Those of some libraries that a fresh Python has loaded once it has run a line of code."""
    asked = f"import sys\n{code}\nprint([name for name in {sorted(libraries)} if name in sys.modules], file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    found: list[str] = ast.literal_eval(run.stderr.splitlines()[-1])
    return found


STUDY = '[study.vary]\n"second_layer.thickness" = "20 um..150 um:8"\n'


@pytest.mark.parametrize(
    ("verb", "more", "needed"),
    [("estimate", "", set()), ("check", "", {"matplotlib"}), ("check", STUDY, {"matplotlib"})],
)
def test_a_verb_loads_no_library_that_it_does_not_use(verb: str, more: str, needed: set[str], tmp_path: Path) -> None:
    """The quick ones would take a second or two otherwise; what else reads files is pydantic's."""
    file = tmp_path / "device.toml"
    file.write_text(fem_wlp.template("compliant") + more)
    asked = [verb, str(file), *(["--out", str(tmp_path / "drawn")] if verb == "check" else [])]
    heavy = {*OWNERS, "scipy"} - {"argparse", "pydantic", "pydantic_core", "tomllib"}
    assert set(loaded_by(f"from fem_wlp.cli import main; assert main({asked}) == 0", heavy)) == needed


def test_what_solves_and_reports_in_two_dimensions_does_not_load_what_only_three_need() -> None:
    """Nor what draws samples: these load when a loop runs, a body is drawn, a sample is taken."""
    idle = {"numba", "pyamg", "gmsh", "meshio", "pyvista", "scipy.ndimage", "scipy.stats", "scipy.interpolate"}
    code = "import fem_wlp.analysis.kinds, fem_wlp.report.folder, fem_wlp.study.conduct"
    assert loaded_by(code, idle) == []


def test_the_public_names_are_these() -> None:
    """A name is public on purpose, and leaves with a note in the changelog."""
    assert set(fem_wlp.__all__) == PUBLIC_NAMES == {"__version__", *fem_wlp._HOME}


@pytest.mark.parametrize("name", sorted(PUBLIC_NAMES))
def test_a_public_name_is_there_and_documented(name: str) -> None:
    """Loaded on first use, from the module that the table names."""
    assert name in dir(fem_wlp)
    assert isinstance(getattr(fem_wlp, name), str) or getattr(fem_wlp, name).__doc__


@pytest.mark.parametrize("door", ["fem_wlp", "fem_wlp.analysis", "fem_wlp.report", "fem_wlp.study"])
def test_type_checkers_see_the_names_that_the_table_loads(door: str) -> None:
    """The table serves the interpreter, the imports under TYPE_CHECKING serve editors: they must say the same."""
    tree = ast.parse(modules()[door].read_text())
    seen = {
        alias.name: source
        for branch in tree.body
        if isinstance(branch, ast.If)
        for node in branch.body
        if isinstance(node, ast.ImportFrom)
        for alias, source in zip(node.names, named(door, node), strict=True)
    }
    opened = import_module(door)
    assert seen == opened._HOME
    assert all(hasattr(opened, name) for name in opened.__all__)


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="solev"):
        fem_wlp.solev  # noqa: B018


def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    """Templates, library and styles are needed at run time and are no Python files."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    tracked = {path for path in HOUSE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path.relative_to(CHECKOUT).as_posix() for path in tracked} <= set(zipfile.ZipFile(wheel).namelist())


def locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;]+)", (CHECKOUT / name).read_text(), re.MULTILINE))


def test_the_locks_agree_and_satisfy_the_project() -> None:
    """Users and developers run the same versions, which are versions that the project admits.

    What only a window needs is left out: it is large, and the tests that use it are skipped where it is not there.
    """
    users, developers = locked("requirements.lock"), locked("requirements-dev.lock")
    assert users.items() <= developers.items()
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for lock, wanted in (
        (users, [*project["dependencies"], *extras["build"]]),
        (developers, [*extras["build"], *extras["dev"], *extras["study"]]),
    ):
        for requirement in map(Requirement, wanted):
            assert requirement.specifier.contains(lock[requirement.name]), requirement
    assert "://" not in "".join(
        (CHECKOUT / name).read_text() for name in ("requirements.lock", "requirements-dev.lock")
    )


def test_the_environment_of_many_processes_is_locked_too() -> None:
    """Every version that a Python may get satisfies the project and the extra; numpy 1 before Python 3.13."""
    text = (CHECKOUT / "requirements-distributed.lock").read_text()
    versions = re.findall(r"^([a-z0-9._-]+)==([^ ;]+)(?: ; python_full_version (<|>=) '3.13')? ", text, re.MULTILINE)
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for requirement in map(Requirement, [*project["dependencies"], *extras["build"], *extras["distributed"]]):
        found = [(version, side) for name, version, side in versions if name == requirement.name]
        assert found
        early = requirement.marker is not None
        assert all(requirement.specifier.contains(version) for version, side in found if not (early and side == ">="))
    assert "://" not in text
