import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from fem_wlp.environment import release_memory

# figures need no screen, and one thread keeps parallel runs of the tests from crowding each other out
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# a shell that starts the tests in the background would have what they start ignore interrupts
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# timing on a shared machine is no property of the code; the same examples every time, so that a red run can be repeated
settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True, scope="module")
def nothing_is_kept(request: pytest.FixtureRequest) -> Iterator[None]:
    """Drop what a module's functions have cached when its tests have run: solved cases of all modules are gigabytes."""
    yield
    for each in vars(request.module).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
    gc.collect()
    release_memory()
