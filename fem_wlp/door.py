"""The door of a house and of its rooms: names that are loaded, with the module that holds them, on first use."""

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module


def homes_of(package: str, homes: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return a name → the module that holds it.

    Parameters
    ----------
    package
        Whose names they are.
    homes
        Module, relative to the package → names it holds.

    >>> homes_of("house", {"kitchen.stove": ("pan", "pot")})
    {'pan': 'house.kitchen.stove', 'pot': 'house.kitchen.stove'}
    """
    return {name: f"{package}.{home}" for home, names in homes.items() for name in names}


def on_first_use(package: str, home: Mapping[str, str]) -> Callable[[str], object]:
    """Return a package's ``__getattr__``, which loads what is asked for and keeps it (PEP 562).

    Whoever needs one module of a room does not wait for all others then.
    """

    def load(name: str) -> object:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(home[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return load
