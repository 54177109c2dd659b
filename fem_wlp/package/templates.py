"""Package files to begin with.

>>> template_names(), process_template_names()
(('compliant', 'conventional', 'micro-smd', 'paste'), ('adhesive-process', 'paste-process'))
"""

from __future__ import annotations

import re
from importlib.resources import files

from fem_wlp.errors import ConfigError
from fem_wlp.materials.leaves import did_you_mean
from fem_wlp.package.fields import Name

PROCESSES = "templates/process"
"""Folder of the templates that say how their package is made, step by step."""


def template_names() -> tuple[str, ...]:
    """Return the names of the templates whose parts have one stress-free temperature each."""
    return _names("templates")


def process_template_names() -> tuple[str, ...]:
    """Return the names of the templates that say how their package is made: geometry and materials as others'."""
    return _names(PROCESSES)


def _names(folder: str) -> tuple[str, ...]:
    entries = files(__package__).joinpath(folder).iterdir()
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in entries if entry.name.endswith(".toml")))


def template(name: str, called: str = "") -> str:
    """Return a template as the text of a package file.

    Parameters
    ----------
    name
        One of `template_names` or `process_template_names`.
    called
        What the package is called; as the template if empty.

    Raises
    ------
    ConfigError
        F116 for an unknown template, F114 for a name that cannot be one of a file.
    """
    known = (*template_names(), *process_template_names())
    if name not in known:
        hint = did_you_mean(name, known)
        raise ConfigError("F116", "there is no such template", value=name, hint=hint)
    title = Name().read(called or name)
    folder = PROCESSES if name in process_template_names() else "templates"
    text = files(__package__).joinpath(folder, f"{name}.toml").read_text("utf-8")
    return re.sub(r'(?m)^name = ".*"$', lambda _: f'name = "{title}"', text, count=1)
