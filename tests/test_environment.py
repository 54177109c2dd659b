"""What the machine has and lacks."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from fem_wlp import environment
from fem_wlp.errors import ResourceError


def control_group(folder: Path, limit: str, use: str, reclaimable: str, numbers: tuple[str, str, str]) -> None:
    folder.mkdir(parents=True)
    for name, number in zip((limit, use), numbers, strict=False):
        (folder / name).write_text(f"{number}\n")
    (folder / "memory.stat").write_text(f"anon 5\n{reclaimable} {numbers[2]}\n")


@pytest.mark.parametrize(
    ("entry", "place", "names"),
    [
        ("0::/user/session", "user", ("memory.max", "memory.current", "inactive_file")),
        (
            "4:cpu,memory:/user/session",
            "memory/user",
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ),
    ],
)
def test_the_memory_left_is_what_the_tightest_control_group_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, place: str, names: tuple[str, str, str]
) -> None:
    """Limit less use plus what the kernel can drop; a group above the process's own limits it too. Exact."""
    control_group(tmp_path / place, *names, ("1000", "400", "50"))
    control_group(tmp_path / place / "session", *names, ("max", "300", "50"))
    (tmp_path / "own").write_text(f"1:name=systemd:/user\n{entry}\n")
    monkeypatch.setattr(environment, "CONTROL_GROUPS", tmp_path)
    monkeypatch.setattr(environment, "OWN_CONTROL_GROUPS", tmp_path / "own")
    assert environment.available_memory() == 650


def test_a_limit_on_the_address_space_limits_the_memory() -> None:
    """`ulimit -v` of 4 GiB leaves less than 4 GiB, and not nothing."""
    code = "from fem_wlp.environment import available_memory; print(available_memory())"
    limited = subprocess.run(
        [sys.executable, "-c", code],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert 2**31 < int(limited.stdout) < 2**32


def test_more_memory_than_is_left_is_refused_with_what_would_fit() -> None:
    with pytest.raises(ResourceError) as refusal:
        environment.require_memory(1e18, hint="a mesh of half the size fits")
    assert refusal.value.code == "R301"
    assert refusal.value.exit_code == 3
    assert "a mesh of half the size fits" in str(refusal.value)
    environment.require_memory(1.0, hint="")


def test_memory_is_given_back_where_the_library_can_and_nowhere_else_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many blocks that were freed below one that is kept; then a C library without the call."""
    blocks = [bytes(50_000) for _ in range(2_000)]
    last = bytes(50_000)
    del blocks
    environment.release_memory()
    assert len(last) == 50_000
    monkeypatch.setattr(environment.ctypes, "CDLL", lambda name: object())
    environment.release_memory()


def test_missing_libraries_are_named_with_the_line_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line holds all packages, whichever library is missing: they come together."""
    monkeypatch.setattr(environment, "LIBRARIES", {"libNoSuchThing.so.9": "libnosuchthing9", "libc.so.6": "libc6"})
    with pytest.raises(ResourceError) as refusal:
        environment.require_libraries()
    assert refusal.value.code == "R304"
    assert refusal.value.value == "libNoSuchThing.so.9"
    assert "apt-get install -y --no-install-recommends libnosuchthing9 libc6" in refusal.value.hint


def test_the_libraries_that_gmsh_needs_are_here() -> None:
    """Where the tests run, gmsh runs."""
    environment.require_libraries()
