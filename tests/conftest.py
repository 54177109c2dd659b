import os

from hypothesis import settings

# figures need no screen, and one thread keeps parallel runs of the tests from crowding each other out
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# timing on a shared machine is no property of the code; the same examples every time, so that a red run can be repeated
settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("repeatable")
