"""Decoupling of chip and board by compliant joints of wafer-level packages, by finite elements.

Chip and board of a wafer-level package expand by different amounts. The decoupling figure says how much of that
difference the joints let go: 0 for rigid joints, 1 for severed ones.

>>> import fem_wlp as wlp
>>> wlp.__version__
'0.1.0'

The public names below are loaded on first use, so ``import fem_wlp`` stays quick and a missing system library is
reported by the function that needs it.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME: dict[str, str] = {}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> object:
    """Load a public name from the module that holds it (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted({*globals(), *_HOME})
